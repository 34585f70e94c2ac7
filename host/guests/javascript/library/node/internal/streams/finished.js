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

/** Whether a stream has a side that can be read, whatever became of it. */
function hasReadable(stream) {
    const { _readableState: state, _writableState: other } = stream;
    return typeof stream.pipe === 'function' && (!other || (Boolean(state) && state.readable !== false));
}

function hasWritable(stream) {
    const { _writableState: state, _readableState: other } = stream;
    return typeof stream.write === 'function' && (!other || (Boolean(state) && state.writable !== false));
}

/** Whether all has been read, or nothing is left but the event that says so. */
function hasEnded(stream) {
    const state = stream._readableState;
    return Boolean(state) && (state.endEmitted || (state.ended && state.length === 0));
}

function hasFinished(stream) {
    const state = stream._writableState;
    return Boolean(state) && (state.finished || (state.ended && state.length === 0));
}

class Watch {
    constructor(stream, options, callback) {
        this.stream = stream;
        this.callback = callback;
        const { _readableState: readable, _writableState: writable } = stream;
        this.reads = options.readable ?? hasReadable(stream);
        this.writes = options.writable ?? hasWritable(stream);
        const state = writable ?? readable;
        this.closes = Boolean(state) && state.autoDestroy && state.emitClose && !state.closed &&
            hasReadable(stream) === this.reads && hasWritable(stream) === this.writes;
        this.ended = hasEnded(stream);
        this.finished = hasFinished(stream);
        this.listeners = {
            end: () => this.onSide('ended', stream.writable, this.writes, 'finished'),
            finish: () => this.onSide('finished', stream.readable, this.reads, 'ended'),
            close: () => this.onClose(),
        };
        if (options.error !== false) this.listeners.error = (error) => this.done(error);
        for (const name of ['end', 'finish', 'error', 'close']) {
            if (this.listeners[name]) stream.on(name, this.listeners[name]);
        }
        if (state?.closed) nextTick(() => this.onClose());
        else if (this.isOver()) nextTick(() => this.done(this.failure()));
    }

    /** Whether nothing more will happen that would end the watch. */
    isOver() {
        const { stream } = this;
        const { _readableState: readable, _writableState: writable } = stream;
        if (readable?.errorEmitted || writable?.errorEmitted) return !this.closes;
        if (!this.reads && (!this.closes || stream.readable) && (this.finished || !stream.writable) &&
            !(writable?.pendingcb > 0)) return true;
        return !this.writes && (!this.closes || stream.writable) && (this.ended || !stream.readable);
    }

    failure() {
        const failure = this.stream._writableState?.errored || this.stream._readableState?.errored;
        return failure && typeof failure !== 'boolean' ? failure : undefined;
    }

    /** One side is over. Where a close is to follow, that ends the watch. */
    onSide(side, otherWorks, otherCounts, other) {
        this[side] = true;
        if (this.stream.destroyed) this.closes = false;
        if (this.closes && (!otherWorks || otherCounts)) return;
        if (!otherCounts || this[other]) this.done();
    }

    onClose() {
        const { stream } = this;
        const failure = this.failure();
        if (failure) this.done(failure);
        else if (this.reads && !this.ended && hasReadable(stream) && !hasEnded(stream)) this.done(prematureClose());
        else if (this.writes && !this.finished && !hasFinished(stream)) this.done(prematureClose());
        else this.done();
    }

    done(error) {
        const { callback } = this;
        this.callback = undefined;
        if (callback === undefined) return;
        this.stopSignal?.();
        callback.call(this.stream, error);
    }

    stop() {
        this.callback = undefined;
        for (const name of Object.keys(this.listeners)) this.stream.removeListener(name, this.listeners[name]);
    }
}

function finished(stream, options, callback) {
    if (typeof options === 'function') [options, callback] = [{}, options];
    options ??= {};
    validateFunction(callback, 'callback');
    if (!isStream(stream)) {
        throw invalidArgType('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    }
    const watch = new Watch(stream, options, callback);
    const { signal } = options;
    if (signal) {
        const abort = () => {
            const report = watch.callback;
            watch.stop();
            report?.call(stream, new AbortError(undefined, { cause: signal.reason }));
        };
        watch.stopSignal = () => signal.removeEventListener('abort', abort);
        if (signal.aborted) nextTick(abort);
        else signal.addEventListener('abort', abort, { once: true });
    }
    return () => watch.stop();
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

module.exports = { finished, finishedPromise, hasEnded, hasReadable, isStream, prematureClose };
