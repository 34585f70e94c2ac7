// Readable streams: paused, flowing, piped, or read as an async iterable.

const Stream = require('node/internal/streams/legacy');
const { Buffer } = require('node/buffer');
const { StringDecoder } = require('node/string_decoder');
const { nextTick } = require('internal/timers');
const { addAbortSignal, construct, destroy, fail, highWaterMark } = require('node/internal/streams/state');
const { invalidArgType, nodeError } = require('node/internal/errors');

class ReadableState {
    constructor(options, isDuplex) {
        this.objectMode = Boolean(options?.objectMode || (isDuplex && options?.readableObjectMode));
        this.highWaterMark = highWaterMark(options, 'readableHighWaterMark', isDuplex, this.objectMode);
        this.buffer = [];
        this.length = 0;
        this.pipes = [];
        this.flowing = null;
        this.sync = true;
        this.constructed = true;
        this.emitClose = options?.emitClose !== false;
        this.autoDestroy = options?.autoDestroy !== false;
        this.errored = null;
        this.defaultEncoding = options?.defaultEncoding || 'utf8';
        this.awaitDrain = new Set();
        this.decoder = null;
        this.encoding = null;
        for (const flag of ['ended', 'endEmitted', 'reading', 'needReadable', 'emittedReadable', 'readableListening',
            'resumeScheduled', 'errorEmitted', 'destroyed', 'closed', 'closeEmitted', 'readingMore', 'dataEmitted',
            'explicitlyPaused']) this[flag] = false;
        if (options?.encoding) {
            this.decoder = new StringDecoder(options.encoding);
            this.encoding = options.encoding;
        }
    }

    get pipesCount() { return this.pipes.length; }
}

function Readable(options) {
    const isDuplex = this instanceof require('node/internal/streams/duplex');
    if (!(this instanceof Readable)) return new Readable(options);
    this._readableState = new ReadableState(options, isDuplex);
    if (options) {
        for (const name of ['read', 'destroy', 'construct']) {
            if (typeof options[name] === 'function') this[`_${name}`] = options[name];
        }
        if (options.signal && !isDuplex) addAbortSignal(options.signal, this);
    }
    Stream.call(this, options);
    construct(this, () => {
        if (this._readableState.needReadable) maybeReadMore(this, this._readableState);
    });
    return undefined;
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);
Readable.ReadableState = ReadableState;

function convert(state, chunk, encoding) {
    if (state.objectMode) return chunk;
    if (typeof chunk === 'string') {
        const form = encoding || state.defaultEncoding;
        if (state.encoding === form) return chunk;
        const bytes = Buffer.from(chunk, form);
        return state.encoding ? bytes.toString(state.encoding) : bytes;
    }
    if (chunk instanceof Buffer || chunk === null || chunk === undefined) return chunk;
    if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    throw invalidArgType('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
}

function add(stream, chunk, encoding, first) {
    const state = stream._readableState;
    const wasText = typeof chunk === 'string';
    try {
        chunk = convert(state, chunk, encoding);
    } catch (error) {
        fail(stream, error);
        return false;
    }
    if (chunk === null || (chunk === undefined && !state.objectMode)) {
        state.reading = false;
        if (chunk === null) onEnd(stream, state);
    } else if (!state.objectMode && chunk.length === 0) {
        if (!first) {
            state.reading = false;
            maybeReadMore(stream, state);
        }
    } else if (first) {
        if (state.endEmitted) {
            fail(stream, nodeError(Error, 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'stream.unshift() after end event'));
        } else if (state.destroyed || state.errored) {
            return false;
        } else {
            keep(stream, state, chunk, true);
        }
    } else if (state.ended) {
        fail(stream, nodeError(Error, 'ERR_STREAM_PUSH_AFTER_EOF', 'stream.push() after EOF'));
    } else if (state.destroyed || state.errored) {
        return false;
    } else {
        state.reading = false;
        if (state.decoder && !wasText) chunk = state.decoder.write(chunk);
        if (state.objectMode || chunk.length !== 0) keep(stream, state, chunk, false);
        else maybeReadMore(stream, state);
    }
    return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

function keep(stream, state, chunk, first) {
    if (state.flowing && state.length === 0 && !state.sync && stream.listenerCount('data') > 0) {
        state.awaitDrain.clear();
        state.dataEmitted = true;
        stream.emit('data', chunk);
    } else {
        state.length += state.objectMode ? 1 : chunk.length;
        if (first) state.buffer.unshift(chunk);
        else state.buffer.push(chunk);
        if (state.needReadable) emitReadable(stream);
    }
    maybeReadMore(stream, state);
}

function onEnd(stream, state) {
    if (state.ended) return;
    if (state.decoder) {
        const rest = state.decoder.end();
        if (rest) {
            state.buffer.push(rest);
            state.length += state.objectMode ? 1 : rest.length;
        }
    }
    state.ended = true;
    if (state.sync) {
        emitReadable(stream);
    } else {
        state.needReadable = false;
        state.emittedReadable = true;
        emitReadableNow(stream);
    }
}

function emitReadable(stream) {
    const state = stream._readableState;
    state.needReadable = false;
    if (state.emittedReadable) return;
    state.emittedReadable = true;
    nextTick(emitReadableNow, stream);
}

function emitReadableNow(stream) {
    const state = stream._readableState;
    if (!state.destroyed && !state.errored && (state.length > 0 || state.ended)) {
        stream.emit('readable');
        state.emittedReadable = false;
    }
    state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
    flow(stream);
}

function maybeReadMore(stream, state) {
    if (state.readingMore || !state.constructed) return;
    state.readingMore = true;
    nextTick(() => {
        while (
            !state.reading &&
            !state.ended &&
            (state.length < state.highWaterMark || (state.flowing && state.length === 0))
        ) {
            const before = state.length;
            stream.read(0);
            if (before === state.length) break;
        }
        state.readingMore = false;
    });
}

function flow(stream) {
    const state = stream._readableState;
    while (state.flowing && stream.read() !== null);
}

/** How much a call of `read(size)` gives. */
function amount(size, state) {
    if (size <= 0 || (state.length === 0 && state.ended)) return 0;
    if (state.objectMode) return 1;
    if (Number.isNaN(size)) return state.flowing && state.length > 0 ? state.buffer[0].length : state.length;
    if (size <= state.length) return size;
    return state.ended ? state.length : 0;
}

function take(size, state) {
    if (state.length === 0) return null;
    if (state.objectMode) return state.buffer.shift();
    if (!size || size >= state.length) {
        const all = state.buffer.length === 1 ? state.buffer[0]
            : state.decoder ? state.buffer.join('') : Buffer.concat(state.buffer, state.length);
        state.buffer = [];
        return all;
    }
    const parts = [];
    let missing = size;
    while (missing > 0) {
        const [chunk] = state.buffer;
        if (chunk.length <= missing) {
            parts.push(state.buffer.shift());
            missing -= chunk.length;
        } else {
            parts.push(chunk.slice(0, missing));
            state.buffer[0] = chunk.slice(missing);
            missing = 0;
        }
    }
    if (parts.length === 1) return parts[0];
    return state.decoder ? parts.join('') : Buffer.concat(parts, size);
}

Readable.prototype.read = function read(size) {
    const state = this._readableState;
    const asked = size === undefined ? NaN : Math.trunc(Number(size));
    if (asked > state.highWaterMark) state.highWaterMark = 2 ** Math.ceil(Math.log2(Math.min(asked, 2 ** 30)));
    if (asked !== 0) state.emittedReadable = false;
    if (asked === 0 && state.needReadable &&
        ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) || state.ended)) {
        if (state.length === 0 && state.ended) endReadable(this);
        else emitReadable(this);
        return null;
    }
    let count = amount(asked, state);
    if (count === 0 && state.ended) {
        if (state.length === 0) endReadable(this);
        return null;
    }
    const wanted = state.needReadable || state.length === 0 || state.length - count < state.highWaterMark;
    if (wanted && !(state.ended || state.reading || state.destroyed || state.errored || !state.constructed)) {
        state.reading = true;
        state.sync = true;
        if (state.length === 0) state.needReadable = true;
        try {
            this._read(state.highWaterMark);
        } catch (error) {
            fail(this, error);
        }
        state.sync = false;
        if (!state.reading) count = amount(asked, state);
    }
    const chunk = count > 0 ? take(count, state) : null;
    if (chunk === null) {
        state.needReadable = state.length <= state.highWaterMark;
        count = 0;
    } else {
        state.length -= count;
        state.awaitDrain.clear();
    }
    if (state.length === 0) {
        if (!state.ended) state.needReadable = true;
        if (asked !== count && state.ended) endReadable(this);
    }
    if (chunk !== null && !state.errorEmitted && !state.closeEmitted) {
        state.dataEmitted = true;
        this.emit('data', chunk);
    }
    return chunk;
};

function endReadable(stream) {
    const state = stream._readableState;
    if (state.endEmitted) return;
    state.ended = true;
    nextTick(() => {
        if (state.errored || state.closeEmitted || state.endEmitted || state.length !== 0) return;
        state.endEmitted = true;
        stream.emit('end');
        if (stream.writable && stream.allowHalfOpen === false) {
            nextTick(() => {
                if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
            });
        } else if (state.autoDestroy) {
            const writable = stream._writableState;
            if (!writable || (writable.autoDestroy && (writable.finished || writable.writable === false)))
                stream.destroy();
        }
    });
}

Readable.prototype.push = function push(chunk, encoding) {
    return add(this, chunk, encoding, false);
};
Readable.prototype.unshift = function unshift(chunk, encoding) {
    return add(this, chunk, encoding, true);
};
Readable.prototype._read = function () {
    throw nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _read() method is not implemented');
};
Readable.prototype.destroy = destroy;
Readable.prototype._destroy = function (error, callback) {
    callback(error);
};
Readable.prototype[Symbol.for('nodejs.rejection')] = function (error) {
    this.destroy(error);
};
Readable.prototype.isPaused = function isPaused() {
    const state = this._readableState;
    return state.explicitlyPaused || state.flowing === false;
};
Readable.prototype.setEncoding = function setEncoding(encoding) {
    const state = this._readableState;
    state.decoder = new StringDecoder(encoding);
    state.encoding = state.decoder.encoding;
    const text = state.buffer.map((chunk) => state.decoder.write(chunk)).join('');
    state.buffer = text === '' ? [] : [text];
    state.length = text.length;
    return this;
};

Readable.prototype.on = function on(type, listener) {
    const result = Stream.prototype.on.call(this, type, listener);
    const state = this._readableState;
    if (type === 'data') {
        state.readableListening = this.listenerCount('readable') > 0;
        if (state.flowing !== false) this.resume();
    } else if (type === 'readable' && !state.endEmitted && !state.readableListening) {
        state.readableListening = true;
        state.needReadable = true;
        state.flowing = false;
        state.emittedReadable = false;
        if (state.length) emitReadable(this);
        else if (!state.reading) nextTick(() => this.read(0));
    }
    return result;
};
Readable.prototype.addListener = Readable.prototype.on;
Readable.prototype.removeListener = function removeListener(type, listener) {
    const result = Stream.prototype.removeListener.call(this, type, listener);
    if (type === 'readable') nextTick(updateListening, this);
    return result;
};
Readable.prototype.off = Readable.prototype.removeListener;
Readable.prototype.removeAllListeners = function removeAllListeners(...types) {
    const result = Stream.prototype.removeAllListeners.apply(this, types);
    if (types.length === 0 || types[0] === 'readable') nextTick(updateListening, this);
    return result;
};

function updateListening(stream) {
    const state = stream._readableState;
    state.readableListening = stream.listenerCount('readable') > 0;
    if (state.resumeScheduled && !state.explicitlyPaused) state.flowing = true;
    else if (stream.listenerCount('data') > 0) stream.resume();
    else if (!state.readableListening) state.flowing = null;
}

Readable.prototype.resume = function resume() {
    const state = this._readableState;
    if (!state.flowing) {
        state.flowing = !state.readableListening;
        if (!state.resumeScheduled) {
            state.resumeScheduled = true;
            nextTick(() => {
                if (!state.reading) this.read(0);
                state.resumeScheduled = false;
                this.emit('resume');
                flow(this);
                if (state.flowing && !state.reading) this.read(0);
            });
        }
    }
    state.explicitlyPaused = false;
    return this;
};
Readable.prototype.pause = function pause() {
    const state = this._readableState;
    if (state.flowing !== false) {
        state.flowing = false;
        this.emit('pause');
    }
    state.explicitlyPaused = true;
    return this;
};

/** Takes over a stream of before Node 0.10. */
Readable.prototype.wrap = function wrap(old) {
    let paused = false;
    old.on('data', (chunk) => {
        if (!this.push(chunk) && old.pause) {
            paused = true;
            old.pause();
        }
    });
    old.on('end', () => this.push(null));
    old.on('error', (error) => fail(this, error));
    old.on('close', () => this.destroy());
    this._read = () => {
        if (paused && old.resume) {
            paused = false;
            old.resume();
        }
    };
    return this;
};

module.exports = Readable;
require('node/internal/streams/pipe').install(Readable);
require('node/internal/streams/properties').installReadable(Readable.prototype);
require('node/internal/streams/iteration').install(Readable);
