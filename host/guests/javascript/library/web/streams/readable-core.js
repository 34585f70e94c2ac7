// The inside of readable streams (Streams 4.9): `Readable` is a stream's state, `Reader` a lock on it and
// `DefaultControl` its queue. The public classes are thin shells around these, so that the library can use streams
// without them. A read request is an object with `chunk(value)`, `close(value)` and `error(reason)`; exactly one of
// them is called.
'use strict';

const { Deferred, nothing, promised } = require('web/streams/promises');
const { ChunkQueue } = require('web/streams/strategies');

class Readable {
    state = 'readable'; // 'readable', 'closed' or 'errored'
    storedError = undefined;
    disturbed = false;
    reader = null;
    control = null;

    close() {
        this.state = 'closed';
        const { reader } = this;
        if (reader === null) return;
        reader.closed.resolve();
        if (!reader.byob) for (const request of reader.takeRequests()) request.close(undefined);
    }

    error(reason) {
        this.state = 'errored';
        this.storedError = reason;
        const { reader } = this;
        if (reader === null) return;
        reader.closed.reject(reason);
        for (const request of reader.takeRequests()) request.error(reason);
    }

    cancel(reason) {
        this.disturbed = true;
        if (this.state === 'closed') return Promise.resolve();
        if (this.state === 'errored') return Promise.reject(this.storedError);
        this.close();
        if (this.reader?.byob) for (const request of this.reader.takeRequests()) request.close(undefined);
        return this.control.cancelSteps(reason).then(nothing);
    }

    /** How many reads wait for a chunk, by a reader of this kind. */
    waiting(byob) {
        return this.reader !== null && this.reader.byob === byob ? this.reader.requests.length : 0;
    }
}

class Reader {
    requests = [];
    closed;

    constructor(readable, byob = false) {
        if (readable.reader !== null) throw new TypeError('The ReadableStream is locked: it has a reader already.');
        this.readable = readable;
        this.byob = byob;
        readable.reader = this;
        if (readable.state === 'readable') this.closed = new Deferred();
        else if (readable.state === 'closed') this.closed = Deferred.resolved();
        else this.closed = Deferred.rejected(readable.storedError);
    }

    read(request) {
        const { readable } = this;
        readable.disturbed = true;
        if (readable.state === 'closed') request.close(undefined);
        else if (readable.state === 'errored') request.error(readable.storedError);
        else readable.control.pullSteps(request);
    }

    takeRequests() {
        const { requests } = this;
        this.requests = [];
        return requests;
    }

    release() {
        const error = new TypeError('The reader was released.');
        if (this.readable.state !== 'readable') this.closed = new Deferred();
        this.closed.reject(error);
        this.readable.control.releaseSteps();
        this.readable.reader = null;
        this.readable = null;
        for (const request of this.takeRequests()) request.error(error);
    }
}

class DefaultControl {
    queue = new ChunkQueue();
    started = false;
    closeRequested = false;
    pulling = false;
    pullAgain = false;

    /** `pull()` and `cancel(reason)` may return promises; `size` is null when every chunk counts one. */
    constructor(readable, { pull = null, cancel = null }, { mark, size }) {
        this.readable = readable;
        this.mark = mark;
        this.size = size;
        this.pull = pull;
        this.cancel = cancel;
        readable.control = this;
    }

    /** To be called once, with what the source's start returned. */
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
        return this.readable.state === 'closed' ? 0 : this.mark - this.queue.total;
    }

    get open() {
        return !this.closeRequested && this.readable.state === 'readable';
    }

    get wantsMore() {
        return this.open && this.started && (this.readable.waiting(false) > 0 || this.desiredSize > 0);
    }

    pullIfNeeded() {
        if (!this.wantsMore) return;
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

    enqueue(chunk) {
        if (!this.open) return;
        const { reader } = this.readable;
        if (reader !== null && reader.requests.length > 0) {
            reader.requests.shift().chunk(chunk);
        } else {
            try {
                this.queue.push(chunk, this.size === null ? 1 : this.size(chunk));
            } catch (error) {
                this.error(error);
                throw error;
            }
        }
        this.pullIfNeeded();
    }

    close() {
        if (!this.open) return;
        this.closeRequested = true;
        if (this.queue.length === 0) {
            this.#forget();
            this.readable.close();
        }
    }

    error(reason) {
        if (this.readable.state !== 'readable') return;
        this.queue.clear();
        this.#forget();
        this.readable.error(reason);
    }

    pullSteps(request) {
        if (this.queue.length === 0) {
            this.readable.reader.requests.push(request);
            this.pullIfNeeded();
            return;
        }
        const chunk = this.queue.shift();
        if (this.closeRequested && this.queue.length === 0) {
            this.#forget();
            this.readable.close();
        } else {
            this.pullIfNeeded();
        }
        request.chunk(chunk);
    }

    cancelSteps(reason) {
        this.queue.clear();
        const { cancel } = this;
        this.#forget();
        return cancel === null ? Promise.resolve() : promised(() => cancel(reason));
    }

    releaseSteps() {}

    // What will not be called again need not be kept alive.
    #forget() {
        this.pull = this.cancel = this.size = null;
    }
}

/** A stream whose chunks come from the library: `source` as in DefaultControl. */
function createReadable(source, strategy = { mark: 0, size: null }, startResult = undefined) {
    const readable = new Readable();
    new DefaultControl(readable, source, strategy).begin(startResult);
    return readable;
}

exports.Readable = Readable;
exports.Reader = Reader;
exports.DefaultControl = DefaultControl;
exports.createReadable = createReadable;
