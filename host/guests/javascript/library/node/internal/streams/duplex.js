// Duplex streams: a Readable that is a Writable too.

const Readable = require('node/internal/streams/readable');

function Duplex(options) {
    if (!(this instanceof Duplex)) return new Duplex(options);
    const Writable = require('node/internal/streams/writable');
    this.allowHalfOpen = options?.allowHalfOpen !== false;
    Readable.call(this, options);
    Writable.call(this, options);
    if (options?.readable === false) {
        this._readableState.readable = false;
        this._readableState.ended = true;
        this._readableState.endEmitted = true;
    }
    if (options?.writable === false) {
        const state = this._writableState;
        state.writable = false;
        state.ending = state.ended = state.finished = true;
    }
    return undefined;
}
module.exports = Duplex;

const Writable = require('node/internal/streams/writable');

Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);
for (const name of Reflect.ownKeys(Writable.prototype)) {
    if (name === 'constructor' || name in Duplex.prototype && !(name === 'pipe' || name === 'destroy')) continue;
    if (name === 'pipe') continue;
    Object.defineProperty(Duplex.prototype, name, Object.getOwnPropertyDescriptor(Writable.prototype, name));
}
Object.defineProperty(Duplex.prototype, 'destroyed', {
    configurable: true,
    get() { return Boolean(this._readableState?.destroyed && this._writableState?.destroyed); },
    set(value) {
        if (this._readableState) this._readableState.destroyed = value;
        if (this._writableState) this._writableState.destroyed = value;
    },
});

/** A duplex of a pair, an iterable, a promise or a function on iterables. */
Duplex.from = function from(source) {
    if (source instanceof Duplex) return source;
    if (source?.readable !== undefined || source?.writable !== undefined) {
        const { readable, writable } = source;
        const duplex = new Duplex({
            objectMode: true, readable: Boolean(readable), writable: Boolean(writable),
            write(chunk, encoding, callback) { writable.write(chunk, encoding, callback); },
            final(callback) { writable.end(callback); },
            read() { readable?.resume(); },
        });
        readable?.on('data', (chunk) => { if (!duplex.push(chunk)) readable.pause(); });
        readable?.on('end', () => duplex.push(null));
        for (const part of [readable, writable]) part?.on('error', (error) => duplex.destroy(error));
        return duplex;
    }
    if (typeof source === 'function') {
        const PassThrough = require('node/internal/streams/transform').PassThrough;
        const input = new PassThrough({ objectMode: true });
        return Duplex.from({ writable: input, readable: Readable.from(source(input)) });
    }
    if (source && typeof source.then === 'function') {
        return Duplex.from({ readable: Readable.from((async function* () { yield await source; })()) });
    }
    return Duplex.from({ readable: Readable.from(source) });
};
