// The inside of writable streams (Streams 5.5): `Writable` is a stream's state, `WritableControl` its queue and
// `Writer` a lock.
'use strict';

const { Deferred, promised } = require('web/streams/promises');
const { ChunkQueue } = require('web/streams/strategies');
const { createSignal, abortSignal } = require('web/abort');

class Writable {
    state = 'writable'; // 'writable', 'erroring', 'errored' or 'closed'
    storedError = undefined;
    writer = null;
    control = null;
    backpressure = false;
    writeRequests = [];
    inFlightWrite = null;
    closeRequest = null;
    inFlightClose = null;
    pendingAbort = null; // { deferred, reason, wasErroring }

    get closing() {
        return this.closeRequest !== null || this.inFlightClose !== null;
    }

    abort(reason) {
        if (this.state === 'closed' || this.state === 'errored') return Promise.resolve();
        abortSignal(this.control.signal, reason);
        // A listener of the signal may have changed it.
        if (this.state === 'closed' || this.state === 'errored') return Promise.resolve();
        if (this.pendingAbort !== null) return this.pendingAbort.deferred.promise;
        const wasErroring = this.state === 'erroring';
        const deferred = new Deferred();
        this.pendingAbort = { deferred, reason: wasErroring ? undefined : reason, wasErroring };
        if (!wasErroring) this.startErroring(reason);
        return deferred.promise;
    }

    close() {
        if (this.state === 'closed' || this.state === 'errored') {
            return Promise.reject(new TypeError(`The stream is ${this.state} and cannot be closed.`));
        }
        this.closeRequest = new Deferred();
        const { promise } = this.closeRequest;
        if (this.writer !== null && this.backpressure && this.state === 'writable') this.writer.ready.resolve();
        this.control.close();
        return promise;
    }

    startErroring(reason) {
        this.state = 'erroring';
        this.storedError = reason;
        this.writer?.refuseReady(reason);
        if (this.inFlightWrite === null && this.inFlightClose === null && this.control.started) this.finishErroring();
    }

    finishErroring() {
        this.state = 'errored';
        this.control.queue.clear();
        for (const request of this.writeRequests.splice(0)) request.refuse(this.storedError);
        const abort = this.pendingAbort;
        this.pendingAbort = null;
        if (abort === null) {
            this.#refuseClose();
        } else if (abort.wasErroring) {
            abort.deferred.refuse(this.storedError);
            this.#refuseClose();
        } else {
            this.control.abortSteps(abort.reason).then(
                () => {
                    abort.deferred.resolve();
                    this.#refuseClose();
                },
                (error) => {
                    abort.deferred.refuse(error);
                    this.#refuseClose();
                },
            );
        }
    }

    finishWrite() {
        this.inFlightWrite.resolve();
        this.inFlightWrite = null;
    }

    failWrite(error) {
        this.inFlightWrite.refuse(error);
        this.inFlightWrite = null;
        this.fail(error);
    }

    finishClose() {
        this.inFlightClose.resolve();
        this.inFlightClose = null;
        if (this.state === 'erroring') {
            this.storedError = undefined;
            this.pendingAbort?.deferred.resolve();
            this.pendingAbort = null;
        }
        this.state = 'closed';
        this.writer?.closed.resolve();
    }

    failClose(error) {
        this.inFlightClose.refuse(error);
        this.inFlightClose = null;
        this.pendingAbort?.deferred.refuse(error);
        this.pendingAbort = null;
        this.fail(error);
    }

    fail(error) {
        if (this.state === 'writable') this.startErroring(error);
        else this.finishErroring();
    }

    setBackpressure(backpressure) {
        if (this.writer !== null && backpressure !== this.backpressure) {
            if (backpressure) this.writer.ready = new Deferred();
            else this.writer.ready.resolve();
        }
        this.backpressure = backpressure;
    }

    #refuseClose() {
        this.closeRequest?.refuse(this.storedError);
        this.closeRequest = null;
        this.writer?.closed.reject(this.storedError);
    }
}

const CLOSE = Symbol('close');

class WritableControl {
    queue = new ChunkQueue();
    started = false;
    signal = createSignal();

    /** `write(chunk)`, `close()` and `abort(reason)` may return promises. */
    constructor(writable, { write = null, close = null, abort = null }, { mark, size }) {
        this.writable = writable;
        this.mark = mark;
        this.size = size;
        this.sink = { write, close, abort };
        writable.control = this;
        writable.setBackpressure(this.desiredSize <= 0);
    }

    /** To be called once, with what the sink's start returned. */
    begin(startResult) {
        Promise.resolve(startResult).then(
            () => {
                this.started = true;
                this.#advance();
            },
            (error) => {
                this.started = true;
                this.writable.fail(error);
            },
        );
    }

    get desiredSize() {
        return this.mark - this.queue.total;
    }

    chunkSize(chunk) {
        if (this.size === null) return 1;
        try {
            return this.size(chunk);
        } catch (error) {
            this.error(error);
            return 1;
        }
    }

    write(chunk, size) {
        try {
            this.queue.push(chunk, size);
        } catch (error) {
            this.error(error);
            return;
        }
        const { writable } = this;
        if (!writable.closing && writable.state === 'writable') writable.setBackpressure(this.desiredSize <= 0);
        this.#advance();
    }

    close() {
        this.queue.push(CLOSE, 0);
        this.#advance();
    }

    error(reason) {
        if (this.writable.state !== 'writable') return;
        this.#forget();
        this.writable.startErroring(reason);
    }

    abortSteps(reason) {
        const { abort } = this.sink;
        this.#forget();
        return abort === null ? Promise.resolve() : promised(() => abort(reason));
    }

    #advance() {
        const { writable } = this;
        if (!this.started || writable.inFlightWrite !== null) return;
        if (writable.state === 'erroring') {
            writable.finishErroring();
            return;
        }
        if (this.queue.length === 0) return;
        const chunk = this.queue.peek();
        if (chunk === CLOSE) this.#close();
        else this.#write(chunk);
    }

    #close() {
        const { writable } = this;
        writable.inFlightClose = writable.closeRequest;
        writable.closeRequest = null;
        this.queue.shift();
        const { close } = this.sink;
        const done = close === null ? Promise.resolve() : promised(close);
        this.#forget();
        done.then(
            () => writable.finishClose(),
            (error) => writable.failClose(error),
        );
    }

    #write(chunk) {
        const { writable } = this;
        const { write } = this.sink;
        writable.inFlightWrite = writable.writeRequests.shift();
        const done = write === null ? Promise.resolve() : promised(() => write(chunk));
        done.then(
            () => {
                writable.finishWrite();
                this.queue.shift();
                if (!writable.closing && writable.state === 'writable') writable.setBackpressure(this.desiredSize <= 0);
                this.#advance();
            },
            (error) => {
                if (writable.state === 'writable') this.#forget();
                writable.failWrite(error);
            },
        );
    }

    #forget() {
        this.sink = { write: null, close: null, abort: null };
        this.size = null;
    }
}

class Writer {
    constructor(writable) {
        if (writable.writer !== null) throw new TypeError('The WritableStream is locked: it has a writer already.');
        this.writable = writable;
        writable.writer = this;
        const { state, storedError } = writable;
        this.ready = Deferred.resolved();
        this.closed = new Deferred();
        if (state === 'writable' && !writable.closing && writable.backpressure) this.ready = new Deferred();
        else if (state === 'closed') this.closed.resolve();
        else if (state === 'erroring' || state === 'errored') this.ready = Deferred.rejected(storedError);
        if (state === 'errored') this.closed.reject(storedError);
    }

    get desiredSize() {
        const { state, control } = this.writable;
        if (state === 'erroring' || state === 'errored') return null;
        return state === 'closed' ? 0 : control.desiredSize;
    }

    write(chunk) {
        const { writable } = this;
        const size = writable.control.chunkSize(chunk);
        if (this.writable !== writable) return Promise.reject(released());
        const { state } = writable;
        if (state === 'errored') return Promise.reject(writable.storedError);
        if (writable.closing || state === 'closed')
            return Promise.reject(new TypeError('The stream is closing or closed.'));
        if (state === 'erroring') return Promise.reject(writable.storedError);
        const request = new Deferred();
        writable.writeRequests.push(request);
        writable.control.write(chunk, size);
        return request.promise;
    }

    close() {
        if (this.writable.closing) return Promise.reject(new TypeError('The stream is closing already.'));
        return this.writable.close();
    }

    /** Closes at the end of a pipe: whoever closed before does no harm. */
    closeAfterPipe() {
        const { state, storedError, closing } = this.writable;
        if (closing || state === 'closed') return Promise.resolve();
        return state === 'errored' ? Promise.reject(storedError) : this.close();
    }

    refuseReady(error) {
        if (!this.ready.pending) this.ready = new Deferred();
        this.ready.reject(error);
    }

    release() {
        const error = released();
        this.refuseReady(error);
        if (!this.closed.pending) this.closed = new Deferred();
        this.closed.reject(error);
        this.writable.writer = null;
        this.writable = null;
    }
}

function released() {
    return new TypeError('The writer was released.');
}

exports.Writable = Writable;
exports.WritableControl = WritableControl;
exports.Writer = Writer;
