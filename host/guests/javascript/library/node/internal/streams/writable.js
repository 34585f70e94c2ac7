// Writable streams.

const Stream = require('node/internal/streams/legacy');
const { Buffer } = require('node/buffer');
const encodings = require('node/internal/encodings');
const { nextTick } = require('internal/timers');
const { addAbortSignal, construct, destroy, fail, highWaterMark } = require('node/internal/streams/state');
const { invalidArgType, nodeError } = require('node/internal/errors');

function nop() {}

class WritableState {
    constructor(options, stream, isDuplex) {
        this.objectMode = Boolean(options?.objectMode || (isDuplex && options?.writableObjectMode));
        this.highWaterMark = highWaterMark(options, 'writableHighWaterMark', isDuplex, this.objectMode);
        this.decodeStrings = options?.decodeStrings !== false;
        this.defaultEncoding = options?.defaultEncoding || 'utf8';
        this.emitClose = options?.emitClose !== false;
        this.autoDestroy = options?.autoDestroy !== false;
        this.length = 0;
        this.corked = 0;
        this.pendingcb = 0;
        this.buffered = [];
        this.finishCallbacks = [];
        this.written = undefined;
        this.writtenLength = 0;
        this.afterSync = null;
        this.errored = null;
        for (const flag of ['finalCalled', 'needDrain', 'ending', 'ended', 'finished', 'destroyed', 'writing', 'sync',
            'bufferProcessing', 'afterPending', 'prefinished', 'errorEmitted', 'closed', 'closeEmitted']) {
            this[flag] = false;
        }
        this.constructed = true;
        this.onwrite = (error) => onWritten(stream, this, error);
    }

    getBuffer() { return this.buffered.slice(); }
    get bufferedRequestCount() { return this.buffered.length; }
}

function Writable(options) {
    const isDuplex = this instanceof require('node/internal/streams/duplex');
    if (!isDuplex && !(this instanceof Writable)) return new Writable(options);
    this._writableState = new WritableState(options, this, isDuplex);
    if (options) {
        for (const name of ['write', 'writev', 'destroy', 'final', 'construct']) {
            if (typeof options[name] === 'function') this[`_${name}`] = options[name];
        }
        if (options.signal) addAbortSignal(options.signal, this);
    }
    Stream.call(this, options);
    construct(this, () => {
        const state = this._writableState;
        if (!state.writing) clearBuffer(this, state);
        finishMaybe(this, state);
    });
    return undefined;
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
Writable.WritableState = WritableState;
Object.defineProperty(Writable, Symbol.hasInstance, {
    value(object) {
        if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
        return this === Writable && Boolean(object) && object._writableState instanceof WritableState;
    },
});

function prepare(state, chunk, encoding) {
    if (chunk === null) throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
    if (state.objectMode) return [chunk, encoding];
    if (typeof chunk === 'string') {
        return state.decodeStrings ? [Buffer.from(chunk, encoding), 'buffer'] : [chunk, encoding];
    }
    if (chunk instanceof Buffer) return [chunk, 'buffer'];
    if (chunk instanceof Uint8Array) return [Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), 'buffer'];
    throw invalidArgType('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
}

/** Writes, or says why not: an error, or whether more is welcome. */
function write(stream, chunk, encoding, callback) {
    const state = stream._writableState;
    if (typeof encoding === 'function') [callback, encoding] = [encoding, undefined];
    if (encoding && encoding !== 'buffer') encodings.get(encoding);
    const done = typeof callback === 'function' ? callback : nop;
    const [data, form] = prepare(state, chunk, encoding || state.defaultEncoding);
    let error;
    if (state.ending) error = nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
    else if (state.destroyed) error = destroyed('write');
    if (error) {
        nextTick(done, error);
        fail(stream, error, true);
        return error;
    }
    state.pendingcb++;
    const size = state.objectMode ? 1 : data.length;
    state.length += size;
    if (state.writing || state.corked || state.errored || !state.constructed) {
        state.buffered.push({ chunk: data, encoding: form, callback: done });
    } else {
        start(stream, state, false, size, data, form, done);
    }
    // What was written at once takes no room.
    const welcome = state.length < state.highWaterMark || state.length === 0;
    if (!welcome) state.needDrain = true;
    return welcome && !state.errored && !state.destroyed;
}

function destroyed(what) {
    return nodeError(Error, 'ERR_STREAM_DESTROYED', `Cannot call ${what} after a stream was destroyed`);
}

function start(stream, state, many, size, chunk, encoding, callback) {
    state.writtenLength = size;
    state.written = callback;
    state.writing = true;
    state.sync = true;
    if (state.destroyed) state.onwrite(destroyed('write'));
    else if (many) stream._writev(chunk, state.onwrite);
    else stream._write(chunk, encoding, state.onwrite);
    state.sync = false;
}

function onWritten(stream, state, error) {
    const { sync, written } = state;
    if (typeof written !== 'function') {
        fail(stream, nodeError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
        return;
    }
    state.writing = false;
    state.written = undefined;
    state.length -= state.writtenLength;
    state.writtenLength = 0;
    if (error) {
        if (!state.errored) state.errored = error;
        if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = error;
        if (sync) nextTick(onFailed, stream, state, error, written);
        else onFailed(stream, state, error, written);
        return;
    }
    if (state.buffered.length > 0) clearBuffer(stream, state);
    if (!sync) {
        afterWrite(stream, state, 1, written);
    } else if (written === nop) {
        // Nobody waits for this write, so it needs no tick of its own.
        if (!state.afterPending && ((state.needDrain && state.length === 0) || state.destroyed || state.objectMode)) {
            state.afterPending = true;
            nextTick(afterWrite, stream, state, 1, nop);
        } else {
            state.pendingcb--;
            if (state.ending) finishMaybe(stream, state, true);
        }
    } else if (state.afterSync !== null && state.afterSync.callback === written) {
        state.afterSync.count++;
    } else {
        const info = state.afterSync = { count: 1, callback: written };
        state.afterPending = true;
        nextTick(() => {
            if (state.afterSync === info) state.afterSync = null;
            afterWrite(stream, state, info.count, info.callback);
        });
    }
}

function onFailed(stream, state, error, callback) {
    state.pendingcb--;
    callback(error);
    failBuffered(state);
    fail(stream, error);
}

function afterWrite(stream, state, count, callback) {
    state.afterPending = false;
    if (!state.ending && !state.destroyed && state.length === 0 && state.needDrain) {
        state.needDrain = false;
        stream.emit('drain');
    }
    for (; count > 0; count--) {
        state.pendingcb--;
        callback(null);
    }
    if (state.destroyed) failBuffered(state);
    if (state.ending) finishMaybe(stream, state, true);
}

function failBuffered(state) {
    if (state.writing) return;
    for (const { chunk, callback } of state.buffered.splice(0)) {
        state.length -= state.objectMode ? 1 : chunk.length;
        callback(state.errored ?? destroyed('write'));
    }
    for (const callback of state.finishCallbacks.splice(0)) callback(state.errored ?? destroyed('end'));
}

function clearBuffer(stream, state) {
    if (state.corked || state.bufferProcessing || state.destroyed || !state.constructed) return;
    if (state.buffered.length === 0) return;
    state.bufferProcessing = true;
    if (stream._writev && state.buffered.length > 1) {
        const all = state.buffered;
        state.buffered = [];
        state.pendingcb -= all.length - 1;
        all.allBuffers = all.every((entry) => entry.encoding === 'buffer');
        start(stream, state, true, state.length, all, '', (error) => {
            for (const { callback } of all) callback(error);
        });
    } else {
        while (state.buffered.length > 0 && !state.writing) {
            const { chunk, encoding, callback } = state.buffered.shift();
            start(stream, state, false, state.objectMode ? 1 : chunk.length, chunk, encoding, callback);
        }
    }
    state.bufferProcessing = false;
}

function needFinish(state) {
    return state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored &&
        state.buffered.length === 0 && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;
}

function callFinal(stream, state) {
    let called = false;
    const done = (error) => {
        if (called) {
            fail(stream, error ?? nodeError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
            return;
        }
        called = true;
        state.pendingcb--;
        if (error) {
            for (const callback of state.finishCallbacks.splice(0)) callback(error);
            fail(stream, error, state.sync);
        } else if (needFinish(state)) {
            state.prefinished = true;
            stream.emit('prefinish');
            state.pendingcb++;
            nextTick(finish, stream, state);
        }
    };
    state.sync = true;
    state.pendingcb++;
    try {
        stream._final(done);
    } catch (error) {
        done(error);
    }
    state.sync = false;
}

function finishMaybe(stream, state, later) {
    if (!needFinish(state)) return;
    if (!state.prefinished && !state.finalCalled) {
        if (typeof stream._final === 'function' && !state.destroyed) {
            state.finalCalled = true;
            callFinal(stream, state);
        } else {
            state.prefinished = true;
            stream.emit('prefinish');
        }
    }
    if (state.pendingcb !== 0) return;
    if (later) {
        state.pendingcb++;
        nextTick(() => {
            if (needFinish(state)) finish(stream, state);
            else state.pendingcb--;
        });
    } else if (needFinish(state)) {
        state.pendingcb++;
        finish(stream, state);
    }
}

function finish(stream, state) {
    state.pendingcb--;
    state.finished = true;
    for (const callback of state.finishCallbacks.splice(0)) callback(null);
    stream.emit('finish');
    if (!state.autoDestroy) return;
    const readable = stream._readableState;
    if (!readable || (readable.autoDestroy && (readable.endEmitted || readable.readable === false))) stream.destroy();
}

Writable.prototype.pipe = function pipe() {
    fail(this, nodeError(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable'));
};
Writable.prototype.write = function (chunk, encoding, callback) {
    return write(this, chunk, encoding, callback) === true;
};
Writable.prototype.cork = function cork() {
    this._writableState.corked++;
};
Writable.prototype.uncork = function uncork() {
    const state = this._writableState;
    if (!state.corked) return;
    state.corked--;
    if (!state.writing) clearBuffer(this, state);
};
Writable.prototype.setDefaultEncoding = function setDefaultEncoding(encoding) {
    this._writableState.defaultEncoding = encodings.get(encoding).name;
    return this;
};
Writable.prototype._write = function (chunk, encoding, callback) {
    if (this._writev) this._writev([{ chunk, encoding }], callback);
    else throw nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _write() method is not implemented');
};
Writable.prototype._writev = null;
Writable.prototype.end = function end(chunk, encoding, callback) {
    const state = this._writableState;
    if (typeof chunk === 'function') [chunk, encoding, callback] = [null, null, chunk];
    else if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
    let error;
    if (chunk !== null && chunk !== undefined) {
        const result = write(this, chunk, encoding);
        if (result instanceof Error) error = result;
    }
    if (state.corked) {
        state.corked = 1;
        this.uncork();
    }
    if (!error) {
        if (!state.errored && !state.ending) {
            state.ending = true;
            finishMaybe(this, state, true);
            state.ended = true;
        } else if (state.finished) {
            error = nodeError(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished');
        } else if (state.destroyed) {
            error = destroyed('end');
        }
    }
    if (typeof callback === 'function') {
        if (error ?? state.errored) nextTick(callback, error ?? state.errored);
        else if (state.finished) nextTick(callback, null);
        else state.finishCallbacks.push(callback);
    }
    return this;
};
Writable.prototype.destroy = function (error, callback) {
    const state = this._writableState;
    if (!state.destroyed && (state.buffered.length > 0 || state.finishCallbacks.length > 0))
        nextTick(failBuffered, state);
    destroy.call(this, error, callback);
    return this;
};
Writable.prototype._destroy = function (error, callback) {
    callback(error);
};

require('node/internal/streams/properties').installWritable(Writable.prototype);
Writable.prototype[Symbol.for('nodejs.rejection')] = function (error) {
    this.destroy(error);
};
if (Symbol.asyncDispose) {
    Writable.prototype[Symbol.asyncDispose] = async function () {
        if (!this.destroyed)
            this.destroy(this.writableFinished ? null : new (require('node/internal/errors').AbortError)());
        await new Promise((resolve) => { if (this.closed) resolve(); else this.once('close', resolve); });
    };
}

Writable.fromWeb = (web, options) => {
    const writer = web.getWriter();
    return new Writable({
        ...options,
        write(chunk, encoding, callback) { writer.write(chunk).then(() => callback(), callback); },
        final(callback) { writer.close().then(() => callback(), callback); },
        destroy(error, callback) {
            if (error) writer.abort(error).then(() => callback(error), () => callback(error));
            else callback();
        },
    });
};
Writable.toWeb = (stream) =>
    new globalThis.WritableStream({
        write: (chunk) =>
            new Promise((resolve, reject) => {
                stream.write(chunk, (error) => (error ? reject(error) : resolve()));
            }),
        close: () =>
            new Promise((resolve, reject) => {
                stream.end((error) => (error ? reject(error) : resolve()));
            }),
        abort: (reason) => {
            stream.destroy(reason);
        },
    });

module.exports = Writable;
