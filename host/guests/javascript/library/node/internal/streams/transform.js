// Transform and PassThrough: what is written comes out changed, or not.

const Duplex = require('node/internal/streams/duplex');
const { nodeError } = require('node/internal/errors');

const waiting = Symbol('waiting');

function Transform(options) {
    if (!(this instanceof Transform)) return new Transform(options);
    Duplex.call(this, options);
    this._readableState.sync = false;
    this[waiting] = null;
    if (typeof options?.transform === 'function') this._transform = options.transform;
    if (typeof options?.flush === 'function') this._flush = options.flush;
    return undefined;
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

Transform.prototype._transform = function () {
    throw nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _transform() method is not implemented');
};
Transform.prototype._write = function (chunk, encoding, callback) {
    const readable = this._readableState;
    const before = readable.length;
    this._transform(chunk, encoding, (error, value) => {
        if (error) {
            callback(error);
            return;
        }
        if (value !== null && value !== undefined) this.push(value);
        if (this._writableState.ended || before === readable.length || readable.length < readable.highWaterMark)
            callback();
        else this[waiting] = callback;
    });
};
Transform.prototype._read = function () {
    const callback = this[waiting];
    if (!callback) return;
    this[waiting] = null;
    callback();
};
Transform.prototype._final = function (callback) {
    if (typeof this._flush !== 'function' || this.destroyed) {
        this.push(null);
        callback();
        return;
    }
    this._flush((error, value) => {
        if (error) {
            callback(error);
            return;
        }
        if (value !== null && value !== undefined) this.push(value);
        this.push(null);
        callback();
    });
};

function PassThrough(options) {
    if (!(this instanceof PassThrough)) return new PassThrough(options);
    Transform.call(this, options);
    return undefined;
}
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function (chunk, encoding, callback) {
    callback(null, chunk);
};

module.exports = { PassThrough, Transform };
