// Readable streams and iterables: each as the other, and the methods that arrays have too.

const { Buffer } = require('node/buffer');
const { nextTick } = require('internal/timers');
const { AbortError, invalidArgType, nodeError, validateFunction } = require('node/internal/errors');

/** Yields what the stream gives, and destroys it when the loop is left early. */
async function* iterate(stream, options) {
    const { finished, hasEnded } = require('node/internal/streams/finished');
    let wake = () => {};
    let error;
    const onReadable = () => wake();
    stream.on('readable', onReadable);
    const stop = finished(stream, { writable: false }, (failure) => {
        error = failure ? { failure } : { failure: null };
        wake();
    });
    try {
        for (;;) {
            const chunk = stream.destroyed ? null : stream.read();
            if (chunk !== null) yield chunk;
            else if (error?.failure) throw error.failure;
            else if (error) return;
            else await new Promise((resolve) => { wake = resolve; });
        }
    } catch (failure) {
        error = { failure };
        throw failure;
    } finally {
        const destroys = error?.failure || options?.destroyOnReturn !== false;
        if (destroys && (error === undefined || stream._readableState.autoDestroy)) {
            const over = stream.destroyed || !((stream.readable && !hasEnded(stream)) || stream.writable);
            stream.destroy(over ? undefined : new AbortError());
        } else {
            stream.off('readable', onReadable);
            stop();
        }
    }
}

/** A stream of what an iterable gives; a string or Buffer is one chunk. */
function from(Readable, source, options) {
    if (typeof source === 'string' || source instanceof Buffer) {
        return new Readable({
            objectMode: true,
            ...options,
            read() {
                this.push(source);
                this.push(null);
            },
        });
    }
    const isAsync = Boolean(source?.[Symbol.asyncIterator]);
    if (!isAsync && !source?.[Symbol.iterator]) throw invalidArgType('iterable', ['Iterable'], source);
    const iterator = isAsync ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    let reading = false;
    const stream = new Readable({ objectMode: true, highWaterMark: 1, ...options });
    stream._read = () => {
        if (reading) return;
        reading = true;
        next();
    };
    stream._destroy = (error, callback) => {
        close(error).then(() => nextTick(callback, error), (failure) => nextTick(callback, failure ?? error));
    };
    async function close(error) {
        if (error && typeof iterator.throw === 'function') {
            const { value, done } = await iterator.throw(error);
            await value;
            if (done) return;
        }
        if (typeof iterator.return === 'function') await (await iterator.return()).value;
    }
    async function next() {
        for (;;) {
            try {
                const { value, done } = isAsync ? await iterator.next() : iterator.next();
                if (done) {
                    stream.push(null);
                    return;
                }
                const item = value && typeof value.then === 'function' ? await value : value;
                if (item === null) {
                    reading = false;
                    throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
                }
                if (stream.push(item)) continue;
                reading = false;
            } catch (error) {
                stream.destroy(error);
            }
            return;
        }
    }
    return stream;
}

function checkAborted(options) {
    if (options?.signal?.aborted) throw new AbortError(undefined, { cause: options.signal.reason });
}

const lazy = {
    async* map(stream, run, options) {
        for await (const chunk of stream) {
            checkAborted(options);
            yield run(chunk, { signal: options?.signal });
        }
    },
    async* filter(stream, run, options) {
        for await (const chunk of stream) if (await run(chunk, { signal: options?.signal })) yield chunk;
    },
    async* flatMap(stream, run, options) {
        for await (const chunk of stream) yield* await run(chunk, { signal: options?.signal });
    },
    async* take(stream, count) {
        let taken = 0;
        if (count > 0) {
            for await (const chunk of stream) {
                yield chunk;
                if (++taken >= count) return;
            }
        }
    },
    async* drop(stream, count) {
        let dropped = 0;
        for await (const chunk of stream) if (dropped++ >= count) yield chunk;
    },
};
const eager = {
    async toArray(options) {
        const out = [];
        for await (const chunk of this) {
            checkAborted(options);
            out.push(chunk);
        }
        return out;
    },
    async forEach(run) {
        validateFunction(run, 'fn');
        for await (const chunk of this) await run(chunk, {});
    },
    async some(run) {
        for await (const chunk of this) if (await run(chunk, {})) return true;
        return false;
    },
    async every(run) {
        for await (const chunk of this) if (!await run(chunk, {})) return false;
        return true;
    },
    async find(run) {
        for await (const chunk of this) if (await run(chunk, {})) return chunk;
        return undefined;
    },
    async reduce(run, ...initial) {
        let value = initial[0];
        let empty = initial.length === 0;
        for await (const chunk of this) {
            value = empty ? chunk : await run(value, chunk, {});
            empty = false;
        }
        if (empty) throw new TypeError('Reduce of an empty stream requires an initial value');
        return value;
    },
};

function install(Readable) {
    const define = (target, name, value) =>
        Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
    define(Readable.prototype, Symbol.asyncIterator, function () { return iterate(this); });
    define(Readable.prototype, 'iterator', function (options) { return iterate(this, options); });
    for (const name of Object.keys(lazy)) {
        define(Readable.prototype, name, function (argument, options) {
            if (typeof argument !== 'number') validateFunction(argument, 'fn');
            return Readable.from(lazy[name](this, argument, options));
        });
    }
    for (const name of Object.keys(eager)) define(Readable.prototype, name, eager[name]);
    if (Symbol.asyncDispose) {
        define(Readable.prototype, Symbol.asyncDispose, async function () {
            if (!this.destroyed) this.destroy(this.readableEnded ? null : new AbortError());
            await new Promise((resolve) => { if (this.closed) resolve(); else this.once('close', resolve); });
        });
    }
    Readable.from = (source, options) => from(Readable, source, options);
    Readable.fromWeb = (web, options) => {
        const reader = web.getReader();
        return new Readable({
            ...options,
            read() {
                reader.read().then(({ value, done }) => this.push(done ? null : value), (error) => this.destroy(error));
            },
            destroy(error, callback) {
                reader.cancel(error).then(() => callback(error), () => callback(error));
            },
        });
    };
    Readable.toWeb = (stream) => {
        const source = stream[Symbol.asyncIterator]();
        return new globalThis.ReadableStream({
            async pull(controller) {
                const { value, done } = await source.next();
                if (done) controller.close();
                else controller.enqueue(value instanceof Buffer ? new Uint8Array(value) : value);
            },
            async cancel(reason) { stream.destroy(reason); },
        });
    };
}

module.exports = { install };
