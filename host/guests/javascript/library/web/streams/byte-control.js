// The queue of a byte stream (Streams 4.10): bytes either wait in the queue or go straight into the buffers that
// readers brought (`pullIntos`). Buffers change hands by being moved, so that nobody else sees them while they are
// filled.
'use strict';

const { promised } = require('web/streams/promises');

class ByteControl {
    queue = []; // { buffer, offset, length }
    total = 0;
    pullIntos = [];
    request = null; // what the source sees of pullIntos[0]
    started = false;
    closeRequested = false;
    pulling = false;
    pullAgain = false;

    /**
     * `autoAllocate` is the size of buffers made for readers that bring none, or 0; `createRequest(control, view)`
     * makes a byobRequest.
     */
    constructor(readable, { pull = null, cancel = null, autoAllocate = 0, createRequest = null }, mark) {
        this.readable = readable;
        this.mark = mark;
        this.pull = pull;
        this.cancel = cancel;
        this.autoAllocate = autoAllocate;
        this.createRequest = createRequest;
        readable.control = this;
    }

    begin(startResult) {
        Promise.resolve(startResult).then(
            () => {
                this.started = true;
                this.pullIfNeeded();
            },
            (error) => this.error(error),
        );
    }

    get desiredSize() {
        if (this.readable.state === 'errored') return null;
        return this.readable.state === 'closed' ? 0 : this.mark - this.total;
    }

    get open() {
        return !this.closeRequested && this.readable.state === 'readable';
    }

    pullIfNeeded() {
        const { readable } = this;
        if (!this.open || !this.started) return;
        if (readable.waiting(false) === 0 && readable.waiting(true) === 0 && this.desiredSize <= 0) return;
        if (this.pulling) {
            this.pullAgain = true;
            return;
        }
        this.pulling = true;
        if (this.pull === null) return;
        promised(this.pull).then(
            () => {
                this.pulling = false;
                if (this.pullAgain) {
                    this.pullAgain = false;
                    this.pullIfNeeded();
                }
            },
            (error) => this.error(error),
        );
    }

    /** What the source may write into now, or null. */
    get byobRequest() {
        if (this.request === null && this.pullIntos.length > 0) {
            const { buffer, offset, filled, length } = this.pullIntos[0];
            this.request = this.createRequest(this, new Uint8Array(buffer, offset + filled, length - filled));
        }
        return this.request === null ? null : this.request.shown;
    }

    enqueue(chunk) {
        if (!this.open) return;
        const { byteOffset: offset, byteLength: length } = chunk;
        const buffer = chunk.buffer.transfer();
        if (this.pullIntos.length > 0) {
            const first = this.pullIntos[0];
            this.#invalidateRequest();
            first.buffer = first.buffer.transfer();
            if (first.kind === 'none') this.#queueUnclaimed(first);
        }
        const { reader } = this.readable;
        if (reader !== null && !reader.byob) {
            while (reader.requests.length > 0 && this.total > 0) this.#answerFromQueue(reader.requests.shift());
            if (reader.requests.length === 0) {
                this.#queueBytes(buffer, offset, length);
            } else {
                this.pullIntos.shift();
                reader.requests.shift().chunk(new Uint8Array(buffer, offset, length));
            }
        } else {
            this.#queueBytes(buffer, offset, length);
            if (reader !== null) for (const filled of this.#fillFromQueue()) this.#commit(filled);
        }
        this.pullIfNeeded();
    }

    close() {
        if (!this.open) return;
        if (this.total > 0) {
            this.closeRequested = true;
            return;
        }
        const first = this.pullIntos[0];
        if (first !== undefined && first.filled % first.elementSize !== 0) {
            const error = new TypeError('The stream closed in the middle of an element.');
            this.error(error);
            throw error;
        }
        this.#forget();
        this.readable.close();
    }

    error(reason) {
        if (this.readable.state !== 'readable') return;
        this.#reset();
        this.#forget();
        this.readable.error(reason);
    }

    /** A read by a default reader. */
    pullSteps(request) {
        if (this.total > 0) {
            this.#answerFromQueue(request);
            return;
        }
        if (this.autoAllocate > 0) {
            let buffer;
            try {
                buffer = new ArrayBuffer(this.autoAllocate);
            } catch (error) {
                request.error(error);
                return;
            }
            this.pullIntos.push(pullInto(buffer, 0, this.autoAllocate, 1, 1, Uint8Array, 'default'));
        }
        this.readable.reader.requests.push(request);
        this.pullIfNeeded();
    }

    /** A read by a BYOB reader into its view, of at least `min` elements. */
    readInto(view, min, request) {
        const { readable } = this;
        const elementSize = view.BYTES_PER_ELEMENT ?? 1;
        const Class = view instanceof DataView ? DataView : view.constructor;
        const { byteOffset: offset, byteLength: length } = view;
        let buffer;
        try {
            buffer = view.buffer.transfer();
        } catch (error) {
            request.error(error);
            return;
        }
        const into = pullInto(buffer, offset, length, min * elementSize, elementSize, Class, 'byob');
        if (this.pullIntos.length > 0) {
            // The source was asked already.
            this.pullIntos.push(into);
            readable.reader.requests.push(request);
            return;
        }
        if (readable.state === 'closed') {
            request.close(new Class(into.buffer, offset, 0));
            return;
        }
        if (this.total > 0) {
            if (this.#fill(into)) {
                const filled = toView(into);
                this.#afterTaking();
                request.chunk(filled);
                return;
            }
            if (this.closeRequested) {
                const error = new TypeError('The stream closed in the middle of an element.');
                this.error(error);
                request.error(error);
                return;
            }
        }
        this.pullIntos.push(into);
        readable.reader.requests.push(request);
        this.pullIfNeeded();
    }

    /** The source has written so many bytes into the view of its byobRequest. */
    respond(written) {
        const first = this.pullIntos[0];
        if (this.readable.state === 'closed') {
            if (written !== 0) throw new TypeError('Only 0 bytes can be answered after the stream was closed.');
        } else {
            if (written === 0) throw new TypeError('At least one byte has to be answered while the stream is open.');
            if (first.filled + written > first.length) throw new RangeError('More bytes than the view holds.');
        }
        first.buffer = first.buffer.transfer();
        this.#respond(first, written);
    }

    /** The same, with the view that holds them now. */
    respondWithNewView(view) {
        const first = this.pullIntos[0];
        const { byteLength } = view;
        if (this.readable.state === 'closed') {
            if (byteLength !== 0) throw new TypeError('The view must be empty after the stream was closed.');
        } else if (byteLength === 0) {
            throw new TypeError('The view must not be empty while the stream is open.');
        }
        if (first.offset + first.filled !== view.byteOffset) throw new RangeError('The view begins at another place.');
        if (first.bufferLength !== view.buffer.byteLength)
            throw new RangeError('The buffer of the view has another length.');
        if (first.filled + byteLength > first.length)
            throw new RangeError('The view is longer than what was asked for.');
        first.buffer = view.buffer.transfer();
        this.#respond(first, byteLength);
    }

    cancelSteps(reason) {
        this.#reset();
        const { cancel } = this;
        this.#forget();
        return cancel === null ? Promise.resolve() : promised(() => cancel(reason));
    }

    releaseSteps() {
        if (this.pullIntos.length === 0) return;
        this.pullIntos.length = 1;
        this.pullIntos[0].kind = 'none';
    }

    #respond(first, written) {
        this.#invalidateRequest();
        if (this.readable.state === 'closed') {
            if (first.kind === 'none') this.pullIntos.shift();
            const done = [];
            while (done.length < this.readable.waiting(true)) done.push(this.pullIntos.shift());
            for (const into of done) this.#commit(into);
        } else {
            this.#respondOpen(first, written);
        }
        this.pullIfNeeded();
    }

    #respondOpen(first, written) {
        first.filled += written;
        if (first.kind === 'none') {
            this.#queueUnclaimed(first);
            for (const filled of this.#fillFromQueue()) this.#commit(filled);
            return;
        }
        if (first.filled < first.minimum) return;
        this.pullIntos.shift();
        const rest = first.filled % first.elementSize;
        if (rest > 0) {
            const end = first.offset + first.filled;
            this.#queueBytes(first.buffer.slice(end - rest, end), 0, rest);
            first.filled -= rest;
        }
        const others = this.#fillFromQueue();
        this.#commit(first);
        for (const filled of others) this.#commit(filled);
    }

    #commit(into) {
        const request = this.readable.reader.requests.shift();
        const view = toView(into);
        if (this.readable.state === 'closed') request.close(view);
        else request.chunk(view);
    }

    #queueBytes(buffer, offset, length) {
        this.queue.push({ buffer, offset, length });
        this.total += length;
    }

    // A read that was given up had some bytes already: they go to whoever reads next.
    #queueUnclaimed(first) {
        if (first.filled > 0)
            this.#queueBytes(first.buffer.slice(first.offset, first.offset + first.filled), 0, first.filled);
        this.pullIntos.shift();
    }

    #answerFromQueue(request) {
        const { buffer, offset, length } = this.queue.shift();
        this.total -= length;
        this.#afterTaking();
        request.chunk(new Uint8Array(buffer, offset, length));
    }

    #afterTaking() {
        if (this.total === 0 && this.closeRequested) {
            this.#forget();
            this.readable.close();
        } else {
            this.pullIfNeeded();
        }
    }

    #fillFromQueue() {
        const done = [];
        while (this.pullIntos.length > 0 && this.total > 0) {
            if (this.#fill(this.pullIntos[0])) done.push(this.pullIntos.shift());
        }
        return done;
    }

    /** Moves bytes of the queue into a buffer; true when it has as many whole elements as were asked for. */
    #fill(into) {
        const available = Math.min(this.total, into.length - into.filled);
        const reach = into.filled + available;
        const aligned = reach - (reach % into.elementSize);
        const ready = aligned >= into.minimum;
        let left = ready ? aligned - into.filled : available;
        const target = new Uint8Array(into.buffer);
        while (left > 0) {
            const head = this.queue[0];
            const count = Math.min(left, head.length);
            target.set(new Uint8Array(head.buffer, head.offset, count), into.offset + into.filled);
            head.offset += count;
            head.length -= count;
            if (head.length === 0) this.queue.shift();
            this.total -= count;
            into.filled += count;
            left -= count;
        }
        return ready;
    }

    #invalidateRequest() {
        this.request?.invalidate();
        this.request = null;
    }

    #reset() {
        this.#invalidateRequest();
        this.pullIntos = [];
        this.queue = [];
        this.total = 0;
    }

    #forget() {
        this.pull = this.cancel = null;
    }
}

function pullInto(buffer, offset, length, minimum, elementSize, Class, kind) {
    return { buffer, bufferLength: buffer.byteLength, offset, length, filled: 0, minimum, elementSize, Class, kind };
}

function toView({ buffer, offset, filled, elementSize, Class }) {
    return new Class(buffer.transfer(), offset, filled / elementSize);
}

exports.ByteControl = ByteControl;
