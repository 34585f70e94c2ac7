// What readable and writable streams share: how they are constructed, destroyed, and how an error reaches its
// listeners.

const { nextTick } = require('internal/timers');
const { AbortError } = require('node/internal/errors');

const constructed = Symbol('constructed');
const waiting = Symbol('waiting for construction');

function emitError(stream, error) {
    const readable = stream._readableState;
    const writable = stream._writableState;
    if (readable?.errorEmitted || writable?.errorEmitted) return;
    if (readable) readable.errorEmitted = true;
    if (writable) writable.errorEmitted = true;
    stream.emit('error', error);
}

function emitClose(stream) {
    const readable = stream._readableState;
    const writable = stream._writableState;
    if (readable) readable.closeEmitted = true;
    if (writable) writable.closeEmitted = true;
    if (readable?.emitClose || writable?.emitClose) stream.emit('close');
}

function noteError(stream, error) {
    if (!error) return;
    const readable = stream._readableState;
    const writable = stream._writableState;
    if (readable && !readable.errored) readable.errored = error;
    if (writable && !writable.errored) writable.errored = error;
}

/** `stream.destroy`: once, and only after construction. */
function destroy(error, callback) {
    const readable = this._readableState;
    const writable = this._writableState;
    if ((readable ?? writable).destroyed) {
        if (typeof callback === 'function') callback();
        return this;
    }
    noteError(this, error);
    if (readable) readable.destroyed = true;
    if (writable) writable.destroyed = true;
    if ((readable ?? writable).constructed) {
        runDestroy(this, error, callback);
    } else {
        this.once(constructed, (failure) => runDestroy(this, error ?? failure, callback));
    }
    return this;
}

function runDestroy(stream, error, callback) {
    let called = false;
    const done = (failure) => {
        if (called) return;
        called = true;
        const final = failure || undefined;
        noteError(stream, final);
        if (stream._readableState) stream._readableState.closed = true;
        if (stream._writableState) stream._writableState.closed = true;
        if (typeof callback === 'function') callback(final);
        nextTick(() => {
            if (final) emitError(stream, final);
            emitClose(stream);
        });
    };
    try {
        stream._destroy(error || null, done);
    } catch (failure) {
        done(failure);
    }
}

/** Ends a stream that failed in the way that its `autoDestroy` asks for. */
function fail(stream, error, later) {
    const readable = stream._readableState;
    const writable = stream._writableState;
    if (readable?.destroyed || writable?.destroyed) return;
    if (readable?.autoDestroy || writable?.autoDestroy) {
        stream.destroy(error);
        return;
    }
    noteError(stream, error);
    if (later) nextTick(emitError, stream, error);
    else emitError(stream, error);
}

/** Runs `_construct`, if there is one, before anything else of the stream; `ready` follows. A duplex asks twice. */
function construct(stream, ready) {
    if (typeof stream._construct !== 'function') return;
    const states = () => [stream._readableState, stream._writableState].filter(Boolean);
    for (const state of states()) state.constructed = false;
    if (stream[waiting] !== undefined) {
        stream[waiting].push(ready);
        return;
    }
    stream[waiting] = [ready];
    nextTick(() => {
        let called = false;
        const done = (error) => {
            if (called) return;
            called = true;
            for (const state of states()) state.constructed = true;
            if (states()[0].destroyed) stream.emit(constructed, error);
            else if (error) fail(stream, error, true);
            else for (const next of stream[waiting]) nextTick(next);
        };
        try {
            stream._construct((error) => nextTick(done, error));
        } catch (error) {
            nextTick(done, error);
        }
    });
}

/** Destroys the stream when the signal aborts. */
function addAbortSignal(signal, stream) {
    const abort = () => stream.destroy(new AbortError(undefined, { cause: signal.reason }));
    if (signal.aborted) abort();
    else {
        signal.addEventListener('abort', abort, { once: true });
        stream.once('close', () => signal.removeEventListener('abort', abort));
    }
    return stream;
}

let defaultBytes = 65536;
let defaultObjects = 16;

function getDefaultHighWaterMark(objectMode) {
    return objectMode ? defaultObjects : defaultBytes;
}

function setDefaultHighWaterMark(objectMode, value) {
    if (objectMode) defaultObjects = value;
    else defaultBytes = value;
}

/** The high water mark that the options of a stream, perhaps one side of a duplex, ask for. */
function highWaterMark(options, side, isDuplex, objectMode) {
    const asked = options?.highWaterMark ?? (isDuplex ? options?.[side] : undefined);
    if (asked === undefined || asked === null) return getDefaultHighWaterMark(objectMode);
    if (!Number.isInteger(asked) || asked < 0) {
        const name = isDuplex ? `options.${side}` : 'options.highWaterMark';
        throw require('node/internal/errors').invalidArgValue(name, asked);
    }
    return Math.floor(asked);
}

module.exports = {
    addAbortSignal, construct, destroy, fail, getDefaultHighWaterMark, highWaterMark, setDefaultHighWaterMark,
};
