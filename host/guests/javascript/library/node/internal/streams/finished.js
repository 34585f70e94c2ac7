// `finished`: calls back once when a stream has ended, failed, or closed before its time.

const { nextTick } = require('internal/timers');
const { AbortError, invalidArgType, nodeError, validateFunction } = require('node/internal/errors');

function prematureClose() {
    return nodeError(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'Premature close');
}

function isStream(value) {
    return value !== null && typeof value === 'object' && typeof value.on === 'function' &&
        (typeof value.pipe === 'function' || typeof value.write === 'function');
}

function finished(stream, options, callback) {
    if (typeof options === 'function') [options, callback] = [{}, options];
    options ??= {};
    validateFunction(callback, 'callback');
    if (!isStream(stream)) throw invalidArgType('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    const readableState = stream._readableState;
    const writableState = stream._writableState;
    const needsRead = options.readable ?? (readableState ? readableState.readable !== false : Boolean(stream.readable));
    const needsWrite =
        options.writable ?? (writableState ? writableState.writable !== false : Boolean(stream.writable));
    let read = !needsRead || readableState?.endEmitted === true;
    let written = !needsWrite || writableState?.finished === true;
    let called = false;
    const done = (error) => {
        if (called) return;
        called = true;
        callback.call(stream, error);
    };
    const check = () => {
        const closes = (readableState ?? writableState)?.autoDestroy && (readableState ?? writableState)?.emitClose &&
            (!readableState || needsRead) && (!writableState || needsWrite);
        if (read && written && (!closes || stream.closed)) done();
    };
    const onEnd = () => {
        read = true;
        check();
    };
    const onFinish = () => {
        written = true;
        check();
    };
    const onError = (error) => done(error);
    const onClose = () => {
        const failure = writableState?.errored || readableState?.errored;
        if (failure && typeof failure !== 'boolean') done(failure);
        else if (needsRead && !read && readableState?.endEmitted !== true) done(prematureClose());
        else if (needsWrite && !written && writableState?.finished !== true) done(prematureClose());
        else done();
    };
    stream.on('end', onEnd);
    stream.on('finish', onFinish);
    if (options.error !== false) stream.on('error', onError);
    stream.on('close', onClose);
    const cleanup = () => {
        called = true;
        stream.removeListener('end', onEnd);
        stream.removeListener('finish', onFinish);
        stream.removeListener('error', onError);
        stream.removeListener('close', onClose);
    };
    if (stream.closed || (readableState ?? writableState)?.closeEmitted) nextTick(onClose);
    else if ((readableState?.errorEmitted || writableState?.errorEmitted)) nextTick(onClose);
    else if (read && written && stream.destroyed !== true) nextTick(check);
    if (options.signal) {
        const abort = () => {
            const report = callback;
            cleanup();
            report.call(stream, new AbortError(undefined, { cause: options.signal.reason }));
        };
        if (options.signal.aborted) nextTick(abort);
        else options.signal.addEventListener('abort', abort, { once: true });
    }
    return cleanup;
}

function finishedPromise(stream, options) {
    return new Promise((resolve, reject) => {
        const cleanup = finished(stream, options ?? {}, (error) => {
            if (options?.cleanup) cleanup();
            if (error) reject(error);
            else resolve();
        });
    });
}

module.exports = { finished, finishedPromise, isStream };
