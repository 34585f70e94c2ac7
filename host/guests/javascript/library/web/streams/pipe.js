// A readable stream flows into a writable one (Streams 4.9.1, ReadableStreamPipeTo).
'use strict';

const { Deferred, nothing } = require('web/streams/promises');
const { Reader } = require('web/streams/readable-core');
const { Writer } = require('web/streams/writable-core');
const { addAlgorithm, removeAlgorithm } = require('web/abort');

/** Options: `preventClose`, `preventAbort`, `preventCancel` (booleans) and `signal` (or undefined). */
function pipe(source, target, options) {
    const flow = new Flow(source, target, options);
    flow.run();
    return flow.done.promise;
}

class Flow {
    done = new Deferred();
    #lastWrite = Promise.resolve();
    #ending = false;

    constructor(source, target, options) {
        this.source = source;
        this.target = target;
        this.options = options;
        this.reader = new Reader(source);
        this.writer = new Writer(target);
        source.disturbed = true;
    }

    run() {
        const { source, target, options } = this;
        if (options.signal !== undefined && !this.#obeySignal(options.signal)) return;
        const sourceFailed = (error) => this.#end(options.preventAbort ? null : () => target.abort(error), { error });
        const targetFailed = (error) => this.#end(options.preventCancel ? null : () => source.cancel(error), { error });
        const sourceClosed = () => this.#end(options.preventClose ? null : () => this.writer.closeAfterPipe());
        const targetClosed = () => targetFailed(new TypeError('The target of the pipe is closed.'));

        if (source.state === 'errored') sourceFailed(source.storedError);
        else if (target.state === 'erroring' || target.state === 'errored') targetFailed(target.storedError);
        else if (source.state === 'closed') sourceClosed();
        else if (target.closing || target.state === 'closed') targetClosed();
        this.reader.closed.promise.then(sourceClosed, sourceFailed);
        this.writer.closed.promise.then(nothing, targetFailed);
        this.#step();
    }

    /** False when the signal has aborted already. */
    #obeySignal(signal) {
        const { source, target, options } = this;
        const stop = () => {
            const error = signal.reason;
            this.#end(
                () =>
                    Promise.all([
                        !options.preventAbort && target.state === 'writable' ? target.abort(error) : undefined,
                        !options.preventCancel && source.state === 'readable' ? source.cancel(error) : undefined,
                    ]),
                { error },
            );
        };
        if (signal.aborted) {
            stop();
            return false;
        }
        addAlgorithm(signal, stop);
        this.stop = stop;
        return true;
    }

    #step() {
        if (this.#ending) return;
        this.writer.ready.promise.then(() => {
            if (this.#ending) return;
            this.reader.read({
                chunk: (chunk) => {
                    this.#lastWrite = this.writer.write(chunk).then(nothing, nothing);
                    this.#step();
                },
                // Both are seen by the reader's closed promise.
                close: nothing,
                error: nothing,
            });
        }, nothing);
    }

    #end(action, failure = null) {
        if (this.#ending) return;
        this.#ending = true;
        const { target } = this;
        const written = target.state === 'writable' && !target.closing ? this.#writesDone() : null;
        const finish = () => {
            if (action === null) this.#finish(failure);
            else
                action().then(
                    () => this.#finish(failure),
                    (error) => this.#finish({ error }),
                );
        };
        if (written === null) finish();
        else written.then(finish);
    }

    #writesDone() {
        const last = this.#lastWrite;
        return last.then(() => (last === this.#lastWrite ? undefined : this.#writesDone()));
    }

    #finish(failure) {
        this.writer.release();
        this.reader.release();
        if (this.stop !== undefined) removeAlgorithm(this.options.signal, this.stop);
        if (failure === null) this.done.settle(undefined);
        else this.done.refuse(failure.error);
    }
}

exports.pipe = pipe;
