// `pipeline`: streams, iterables and generator functions one after the other; what fails ends all.

const Readable = require('node/internal/streams/readable');
const { PassThrough } = require('node/internal/streams/transform');
const { finished, hasEnded, hasReadable, isStream, prematureClose } = require('node/internal/streams/finished');
const { nextTick } = require('internal/timers');
const { AbortError, invalidArgType, nodeError, validateFunction } = require('node/internal/errors');

function isIterable(value) {
    if (!value) return false;
    return typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function';
}

function isWeb(value) {
    return Boolean(value) && (typeof value.getReader === 'function' || typeof value.getWriter === 'function');
}

function fromWeb(part) {
    if (!isWeb(part)) return part;
    if (typeof part.getReader === 'function') return Readable.fromWeb(part, { objectMode: true });
    return require('node/internal/streams/writable').fromWeb(part, { objectMode: true });
}

function notIterable(name, value) {
    return nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE',
        `Expected Iterable or AsyncIterable to be returned from the "${name}" function but got ${typeof value}.`);
}

class Pipeline {
    constructor(options, callback) {
        this.options = options;
        this.callback = callback;
        this.error = undefined;
        this.value = undefined;
        /** What has to be over before the pipeline is. */
        this.open = 0;
        this.destroys = [];
        this.controller = new globalThis.AbortController();
        this.abort = () => this.settle(new AbortError(undefined, { cause: options.signal.reason }), false);
        if (options.signal?.aborted) nextTick(this.abort);
        else options.signal?.addEventListener('abort', this.abort, { once: true });
    }

    finish(error) {
        this.settle(error, --this.open === 0);
    }

    settle(error, last) {
        if (error && (!this.error || this.error.code === 'ERR_STREAM_PREMATURE_CLOSE')) this.error = error;
        if (!this.error && !last) return;
        for (const destroy of this.destroys.splice(0)) destroy(this.error);
        this.options.signal?.removeEventListener('abort', this.abort);
        this.controller.abort();
        const { callback } = this;
        if (!last || callback === undefined) return;
        this.callback = undefined;
        nextTick(callback, this.error, this.value);
    }

    /** Destroys the stream when the pipeline is over, unless it is over itself by then. */
    own(stream, reads, writes) {
        let over = false;
        stream.on('close', () => { over = true; });
        finished(stream, { readable: reads, writable: writes }, (error) => { over = !error; });
        this.destroys.push((error) => {
            if (over) return;
            over = true;
            const reason = 'Cannot call pipe after a stream was destroyed';
            stream.destroy?.(error ?? nodeError(Error, 'ERR_STREAM_DESTROYED', reason));
        });
        stream.on('error', (error) => {
            if (error && error.name !== 'AbortError' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.finish(error);
        });
    }

    connect(source, target, ends) {
        this.open += 2;
        const done = (error) => this.finish(error);
        let ended = false;
        target.on('close', () => { if (!ended) done(prematureClose()); });
        source.pipe(target, { end: false });
        const end = () => {
            ended = true;
            target.end();
        };
        if (!ends) done();
        else if (hasEnded(source)) nextTick(end);
        else source.once('end', end);
        finished(source, { readable: true, writable: false }, (error) => {
            const state = source._readableState;
            if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE' && state?.ended && !state.errored && !state.errorEmitted) {
                source.once('end', () => done()).once('error', done);
            } else {
                done(error);
            }
        });
        finished(target, { readable: false, writable: true }, done);
    }

    /** Writes what an iterable gives. */
    async pump(source, target, ends) {
        this.open++;
        let failure;
        let wake;
        const resume = (error) => {
            if (error) failure = error;
            wake?.();
        };
        const wait = () => new Promise((resolve, reject) => {
            wake = () => {
                wake = undefined;
                if (failure) reject(failure);
                else resolve();
            };
            if (failure) wake();
        });
        target.on('drain', resume);
        const stop = finished(target, { readable: false }, resume);
        try {
            if (target.writableNeedDrain) await wait();
            for await (const chunk of source) if (!target.write(chunk)) await wait();
            if (ends) {
                target.end();
                await wait();
            }
            this.finish();
        } catch (error) {
            this.finish(error);
        } finally {
            stop();
            target.off('drain', resume);
        }
    }

    /** The last part is a function: its values, or the one of its promise, end up in a stream of their own. */
    last(result, index, ends) {
        const stream = new PassThrough({ objectMode: true });
        if (typeof result?.then === 'function') {
            this.open++;
            result.then((value) => {
                this.value = value;
                if (value !== null && value !== undefined) stream.write(value);
                if (ends) stream.end();
                nextTick(() => this.finish());
            }, (error) => {
                stream.destroy(error);
                nextTick(() => this.finish(error));
            });
        } else if (isIterable(result)) {
            this.pump(result, stream, ends);
        } else {
            throw nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE',
                'Expected AsyncIterable or Promise to be returned from the "destination" function ' +
                    `but got ${typeof result}.`);
        }
        this.own(stream, false, true);
        return stream;
    }

    run(parts) {
        let current;
        parts.forEach((given, i) => {
            const part = fromWeb(given);
            const reads = i < parts.length - 1;
            const ends = reads || this.options.end !== false;
            if (isStream(part) && ends) this.own(part, reads, i > 0);
            current = i === 0 ? this.first(part) : this.next(current, part, i, reads, ends);
        });
        return current;
    }

    first(part) {
        if (typeof part !== 'function') {
            if (isIterable(part) || isStream(part)) return part;
            throw invalidArgType('source', ['Stream', 'Iterable', 'AsyncIterable', 'Function'], part);
        }
        const result = part({ signal: this.controller.signal });
        if (!isIterable(result)) throw notIterable('source', result);
        return result;
    }

    next(current, part, index, reads, ends) {
        if (typeof part === 'function') {
            const source = isIterable(current) ? current : Readable.from(current);
            const result = part(source, { signal: this.controller.signal });
            if (!reads) return this.last(result, index, ends);
            if (!isIterable(result)) throw notIterable(`transform[${index - 1}]`, result);
            return result;
        }
        if (!isStream(part)) throw invalidArgType('val', ['Stream', 'Function'], part);
        if (isStream(current) && hasReadable(current)) this.connect(current, part, ends);
        else this.pump(current, part, ends);
        return part;
    }
}

function run(parts, options, callback) {
    const all = parts.length === 1 && Array.isArray(parts[0]) ? parts[0] : parts;
    if (all.length < 2) throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "streams" argument must be specified');
    return new Pipeline(options, callback).run(all);
}

function pipeline(...parts) {
    const callback = parts.pop();
    validateFunction(callback, 'streams[stream.length - 1]');
    return run(parts, {}, callback);
}

function pipelinePromise(...parts) {
    const last = parts[parts.length - 1];
    const hasOptions = last && typeof last === 'object' && !isStream(last) && !isIterable(last) && !isWeb(last);
    const options = hasOptions ? parts.pop() : {};
    return new Promise((resolve, reject) => {
        run(parts, options, (error, value) => (error ? reject(error) : resolve(value)));
    });
}

/** Several duplex streams as one. */
function compose(...parts) {
    const Duplex = require('node/internal/streams/duplex');
    const all = parts.map((part) => (isStream(part) ? part : Duplex.from(part)));
    if (all.length === 1) return all[0];
    const duplex = Duplex.from({ writable: all[0], readable: all[all.length - 1] });
    run(all, {}, (error) => { if (error) duplex.destroy(error); });
    return duplex;
}

module.exports = { compose, pipeline, pipelinePromise };
