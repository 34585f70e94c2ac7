// `pipeline`: streams, iterables and generator functions one after the other; what fails ends all.

const Readable = require('node/internal/streams/readable');
const { PassThrough } = require('node/internal/streams/transform');
const { finished, isStream } = require('node/internal/streams/finished');
const { nextTick } = require('internal/timers');
const { AbortError, invalidArgType, nodeError, validateFunction } = require('node/internal/errors');

function isIterable(value) {
    return (
        Boolean(value) &&
        (typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function')
    );
}

function fromWeb(part) {
    if (part && typeof part.getReader === 'function') return Readable.fromWeb(part, { objectMode: true });
    if (part && typeof part.getWriter === 'function') {
        return require('node/internal/streams/writable').fromWeb(part, { objectMode: true });
    }
    return part;
}

async function pump(source, target, end) {
    for await (const chunk of source) {
        if (target.destroyed) return;
        if (target.write(chunk) === false) {
            await new Promise((resolve) => {
                target.once('drain', resolve);
                target.once('close', resolve);
            });
        }
    }
    if (end) target.end();
}

function run(parts, options, callback) {
    if (parts.length < 2) throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "streams" argument must be specified');
    const { signal, end = true } = options;
    const streams = [];
    let failure;
    let value;
    let pending = 0;
    let called = false;
    const settle = (error) => {
        if (error && (!failure || failure.code === 'ERR_STREAM_PREMATURE_CLOSE')) failure = error;
        if (error) for (const stream of streams) if (!stream.destroyed) stream.destroy?.(failure);
        if (--pending > 0 || called) return;
        called = true;
        signal?.removeEventListener('abort', abort);
        nextTick(callback, failure, value);
    };
    const abort = () => {
        pending++;
        settle(new AbortError(undefined, { cause: signal.reason }));
    };
    const watch = (stream, reading, writing) => {
        pending++;
        streams.push(stream);
        finished(stream, { readable: reading, writable: writing }, settle);
    };
    if (signal?.aborted) {
        pending = 1;
        nextTick(settle, new AbortError(undefined, { cause: signal.reason }));
        return parts[parts.length - 1];
    }
    signal?.addEventListener('abort', abort, { once: true });
    pending++;
    let current;
    for (let i = 0; i < parts.length; i++) {
        const part = fromWeb(parts[i]);
        const first = i === 0;
        const last = i === parts.length - 1;
        if (typeof part === 'function') {
            const result = first
                ? part({ signal })
                : part(isStream(current) && !isIterable(current) ? Readable.from(current) : current, { signal });
            if (!last) {
                if (!isIterable(result)) {
                    throw nodeError(
                        TypeError,
                        'ERR_INVALID_RETURN_VALUE',
                        `Expected Iterable or AsyncIterable to be returned from the "transform[${i - 1}]" function ` +
                            `but got ${typeof result}.`,
                    );
                }
                current = result;
            } else if (isIterable(result)) {
                current = new PassThrough({ objectMode: true });
                pending++;
                pump(result, current, true).then(() => settle(), (error) => settle(error));
                watch(current, true, true);
            } else {
                pending++;
                Promise.resolve(result).then((settled) => {
                    value = settled;
                    settle();
                }, (error) => settle(error ?? new Error('The last part of the pipeline failed')));
            }
        } else if (isStream(part)) {
            if (first) {
                watch(part, true, false);
            } else if (isStream(current) && typeof current.pipe === 'function') {
                const ends = !last || end;
                current.pipe(part, { end: ends });
                watch(part, !last, ends);
            } else {
                pending++;
                pump(current, part, !last || end).then(() => settle(), (error) => settle(error));
                watch(part, !last, !last || end);
            }
            current = part;
        } else if (first && isIterable(part)) {
            current = part;
        } else {
            throw invalidArgType(first ? 'source' : 'val', ['Stream', 'Iterable', 'AsyncIterable', 'Function'], part);
        }
    }
    settle();
    return current;
}

function pipeline(...parts) {
    const callback = parts.pop();
    validateFunction(callback, 'streams[stream.length - 1]');
    return run(parts.length === 1 && Array.isArray(parts[0]) ? parts[0] : parts, {}, callback);
}

function pipelinePromise(...parts) {
    let options = {};
    const last = parts[parts.length - 1];
    if (
        last &&
        typeof last === 'object' &&
        !isStream(last) &&
        !isIterable(last) &&
        typeof last.getWriter !== 'function' &&
        typeof last.getReader !== 'function'
    )
        options = parts.pop();
    return new Promise((resolve, reject) => {
        run(parts.length === 1 && Array.isArray(parts[0]) ? parts[0] : parts, options,
            (error, value) => (error ? reject(error) : resolve(value)));
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
