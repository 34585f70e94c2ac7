// Buffer: a Uint8Array with Node's encodings, searches and number access. Every Buffer owns or shares a plain
// ArrayBuffer; there is no pool, so `buffer.buffer` of a small Buffer is exactly as large as the Buffer.

const text = binding('text');
const encodings = require('node/internal/encodings');
const numbers = require('node/internal/numbers');
const { isAscii, isUtf8, transcode } = require('node/internal/transcode');
const { invalidArgType, invalidArgValue, nodeError, outOfRange, validateNumber } = require('node/internal/errors');

const MAX_LENGTH = 0x7fffffff;
const customInspect = Symbol.for('nodejs.util.inspect.custom');

class FastBuffer extends Uint8Array {}

/** The deprecated constructor, callable with and without `new`. */
function Buffer(value, encodingOrOffset, length) {
    if (typeof value === 'number') {
        if (typeof encodingOrOffset === 'string') throw invalidArgType('string', 'string', value);
        return Buffer.alloc(value);
    }
    return Buffer.from(value, encodingOrOffset, length);
}
Buffer.prototype = FastBuffer.prototype;
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer, Symbol.species, { configurable: true, enumerable: false, get() { return FastBuffer; } });
define('constructor', Buffer);

function define(name, value) {
    Object.defineProperty(FastBuffer.prototype, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Makes a fresh Uint8Array of a native's a Buffer. */
function adopt(bytes) {
    return Object.setPrototypeOf(bytes, FastBuffer.prototype);
}

/** The bytes from start to end as a plain Uint8Array on the same memory. */
function view(buffer, start, end) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start);
}

function checkSize(size) {
    if (typeof size !== 'number') throw invalidArgType('size', 'number', size);
    if (!(size >= 0 && size <= MAX_LENGTH)) throw outOfRange('size', `>= 0 && <= ${MAX_LENGTH}`, size);
    return size;
}

function isAnyArrayBuffer(value) {
    return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

const ACCEPTED = 'an instance of Buffer, ArrayBuffer, or Array or an Array-like Object';

function fromArrayLike(value) {
    const buffer = new FastBuffer(value.length);
    buffer.set(value);
    return buffer;
}

function fromObject(value) {
    if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
        return typeof value.length === 'number' && value.length > 0 ? fromArrayLike(value) : new FastBuffer(0);
    }
    if (value.type === 'Buffer' && Array.isArray(value.data)) return fromArrayLike(value.data);
    return undefined;
}

Buffer.from = function from(value, encodingOrOffset, length) {
    if (typeof value === 'string') {
        const name = typeof encodingOrOffset === 'string' ? encodingOrOffset : 'utf8';
        return adopt(encodings.get(name).encode(value));
    }
    if (typeof value === 'object' && value !== null) {
        if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
        if (value instanceof Uint8Array) return adopt(new Uint8Array(value));
        if (Array.isArray(value)) return fromArrayLike(value);
        const primitive = typeof value.valueOf === 'function' ? value.valueOf() : value;
        if (
            primitive !== null &&
            primitive !== value &&
            (typeof primitive === 'string' || typeof primitive === 'object')
        ) {
            return Buffer.from(primitive, encodingOrOffset, length);
        }
        const buffer = fromObject(value);
        if (buffer !== undefined) return buffer;
        if (typeof value[Symbol.toPrimitive] === 'function') {
            const string = value[Symbol.toPrimitive]('string');
            if (typeof string === 'string') return Buffer.from(string, encodingOrOffset);
        }
    }
    throw invalidArgType('first argument', ['string', ACCEPTED], value);
};

function fromArrayBuffer(value, offset, length) {
    offset = offset === undefined ? 0 : +offset || 0;
    const rest = value.byteLength - offset;
    if (rest < 0) throw nodeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
    if (length === undefined) return new FastBuffer(value, offset);
    length = +length > 0 ? +length : 0;
    if (length > rest) throw nodeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
    return new FastBuffer(value, offset, length);
}

Buffer.of = (...items) => fromArrayLike(items);
Buffer.copyBytesFrom = function copyBytesFrom(source, offset = 0, length = undefined) {
    if (!ArrayBuffer.isView(source) || source instanceof DataView) throw invalidArgType('view', 'TypedArray', source);
    const part = source.slice(offset, length === undefined ? undefined : offset + length);
    return new FastBuffer(part.buffer, part.byteOffset, part.byteLength);
};
Buffer.alloc = function alloc(size, fill, encoding) {
    const buffer = new FastBuffer(checkSize(size));
    return fill !== undefined && fill !== 0 && size > 0 ? buffer.fill(fill, encoding) : buffer;
};
Buffer.allocUnsafe = function allocUnsafe(size) { return new FastBuffer(checkSize(size)); };
Buffer.allocUnsafeSlow = function allocUnsafeSlow(size) { return new FastBuffer(checkSize(size)); };
Buffer.isBuffer = function isBuffer(value) { return value instanceof Buffer; };
Buffer.isEncoding = function isEncoding(name) {
    return typeof name === 'string' && name.length !== 0 && encodings.find(name) !== undefined;
};
Buffer.poolSize = 8192;

Buffer.byteLength = function byteLength(value, encoding) {
    if (typeof value === 'string') return (encodings.find(encoding ?? 'utf8') ?? encodings.utf8).length(value);
    if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return value.byteLength;
    throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], value);
};

Buffer.concat = function concat(list, length) {
    if (!Array.isArray(list)) throw invalidArgType('list', 'Array', list);
    if (length === undefined) {
        length = 0;
        for (let i = 0; i < list.length; i++) length += list[i] && list[i].length || 0;
    } else {
        validateNumber(length, 'length', 0);
    }
    const out = new FastBuffer(length);
    let at = 0;
    for (let i = 0; i < list.length; i++) {
        const item = list[i];
        if (!(item instanceof Uint8Array)) throw invalidArgType(`list[${i}]`, ['Buffer', 'Uint8Array'], item);
        if (at + item.length > length) {
            out.set(view(item, 0, length - at), at);
            return out;
        }
        out.set(item, at);
        at += item.length;
    }
    return out;
};

/** Bytes compare as the characters of their Latin-1 text, which the engine does natively. */
function compareBytes(a, b) {
    if (a === b) return 0;
    const left = text.latin1Decode(a);
    const right = text.latin1Decode(b);
    return left === right ? 0 : left < right ? -1 : 1;
}

Buffer.compare = function compare(a, b) {
    if (!(a instanceof Uint8Array)) throw invalidArgType('buf1', ['Buffer', 'Uint8Array'], a);
    if (!(b instanceof Uint8Array)) throw invalidArgType('buf2', ['Buffer', 'Uint8Array'], b);
    return compareBytes(a, b);
};

/** A start or end as `slice` takes it: negative from the end, cut to the length. */
function relative(value, length, whenAbsent) {
    if (value === undefined) return whenAbsent;
    value = Math.trunc(+value) || 0;
    return value < 0 ? Math.max(length + value, 0) : Math.min(value, length);
}

function bounded(name, value, max, whenAbsent) {
    if (value === undefined) return whenAbsent;
    if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
    if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
    if (value < 0 || value > max) throw outOfRange(name, `>= 0 && <= ${max}`, value);
    return value;
}

function slice(start, end) {
    start = relative(start, this.length, 0);
    end = relative(end, this.length, this.length);
    return new FastBuffer(this.buffer, this.byteOffset + start, end > start ? end - start : 0);
}

function toString(encoding, start, end) {
    if (arguments.length === 0) return text.utf8Decode(this, false, false);
    const length = this.length;
    if (start === undefined || start <= 0) start = 0;
    else if (start >= length) return '';
    else start = Math.trunc(start) || 0;
    end = end === undefined || end > length ? length : Math.trunc(end) || 0;
    if (end <= start) return '';
    const found = encodings.get(encoding);
    return found.decode(start === 0 && end === length ? this : view(this, start, end));
}

/** Copies as much of `bytes` as fits; of UTF-8 and UTF-16 only whole characters. */
function place(target, bytes, offset, room, encoding) {
    if (bytes.length > room) {
        let end = room;
        if (encoding === encodings.utf8) while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
        else if (encoding === encodings.utf16le) end &= ~1;
        bytes = bytes.subarray(0, end);
    }
    target.set(bytes, offset);
    return bytes.length;
}

function write(string, offset, length, encoding) {
    if (typeof string !== 'string') throw invalidArgType('argument', 'string', string);
    if (typeof offset === 'string') return this.write(string, 0, this.length, offset);
    if (typeof length === 'string') return this.write(string, offset, undefined, length);
    offset = bounded('offset', offset, this.length, 0);
    const rest = this.length - offset;
    const room = Math.min(bounded('length', length, this.length, rest), rest);
    const found = encodings.get(encoding);
    return place(this, found.encode(string), offset, room, found);
}

function copy(target, targetStart, start, end) {
    if (!(target instanceof Uint8Array)) throw invalidArgType('target', ['Buffer', 'Uint8Array'], target);
    targetStart = Math.trunc(+targetStart) || 0;
    start = Math.trunc(+start) || 0;
    end = end === undefined ? this.length : Math.trunc(+end) || 0;
    if (targetStart < 0) throw outOfRange('targetStart', '>= 0', targetStart);
    if (start < 0 || start > this.length) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, start);
    if (end < 0) throw outOfRange('sourceEnd', '>= 0', end);
    const length = Math.min(end - start, target.length - targetStart, this.length - start);
    if (length <= 0) return 0;
    Uint8Array.prototype.set.call(target, view(this, start, start + length), targetStart);
    return length;
}

function fill(value, offset, end, encoding) {
    if (typeof value === 'string') {
        if (offset === undefined || typeof offset === 'string') {
            encoding = offset;
            offset = end = undefined;
        } else if (typeof end === 'string') {
            encoding = end;
            end = undefined;
        }
    }
    offset = bounded('offset', offset, MAX_LENGTH, 0);
    end = bounded('end', end, this.length, this.length);
    if (offset >= end) return this;
    let bytes;
    if (typeof value === 'string') bytes = value === '' ? new Uint8Array(1) : encodings.get(encoding).encode(value);
    else if (value instanceof Uint8Array) bytes = value;
    else bytes = [typeof value === 'boolean' ? +value : value & 255];
    if (bytes.length === 0) throw invalidArgValue('value', value);
    if (bytes.length === 1) {
        Uint8Array.prototype.fill.call(this, bytes[0], offset, end);
        return this;
    }
    for (let at = offset; at < end; at += bytes.length) {
        this.set(at + bytes.length > end ? bytes.subarray(0, end - at) : bytes, at);
    }
    return this;
}

function matches(buffer, at, bytes) {
    for (let i = 0; i < bytes.length; i++) if (buffer[at + i] !== bytes[i]) return false;
    return true;
}

function search(buffer, value, offset, encoding, forward) {
    if (typeof offset === 'string') {
        encoding = offset;
        offset = undefined;
    }
    offset = +offset;
    if (Number.isNaN(offset)) offset = forward ? 0 : buffer.length;
    offset = Math.trunc(Math.max(Math.min(offset, MAX_LENGTH), -MAX_LENGTH));
    if (offset < 0) offset += buffer.length;
    if (offset < 0) {
        if (!forward) return -1;
        offset = 0;
    }
    let step = 1;
    if (typeof value === 'number') {
        const find = forward ? Uint8Array.prototype.indexOf : Uint8Array.prototype.lastIndexOf;
        return find.call(buffer, value & 255, offset);
    }
    if (typeof value === 'string') {
        const found = encodings.get(encoding);
        if (found === encodings.utf16le) step = 2;
        value = found.encode(value);
    } else if (!(value instanceof Uint8Array)) {
        throw invalidArgType('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
    }
    if (value.length === 0) return Math.min(offset, buffer.length);
    const last = buffer.length - value.length;
    if (forward) {
        for (;;) {
            const at = Uint8Array.prototype.indexOf.call(buffer, value[0], offset);
            if (at < 0 || at > last) return -1;
            if (at % step === 0 && matches(buffer, at, value)) return at;
            offset = at + 1;
        }
    }
    for (offset = Math.min(offset, last); offset >= 0; offset--) {
        if (buffer[offset] === value[0] && offset % step === 0 && matches(buffer, offset, value)) return offset;
    }
    return -1;
}

function compare(target, targetStart, targetEnd, start, end) {
    if (!(target instanceof Uint8Array)) throw invalidArgType('target', ['Buffer', 'Uint8Array'], target);
    if (arguments.length === 1) return compareBytes(this, target);
    targetStart = bounded('targetStart', targetStart, MAX_LENGTH, 0);
    targetEnd = bounded('targetEnd', targetEnd, target.length, target.length);
    start = bounded('sourceStart', start, MAX_LENGTH, 0);
    end = bounded('sourceEnd', end, this.length, this.length);
    if (start >= end) return targetStart >= targetEnd ? 0 : -1;
    if (targetStart >= targetEnd) return 1;
    return compareBytes(view(this, start, end), view(target, targetStart, targetEnd));
}

function equals(other) {
    if (!(other instanceof Uint8Array)) throw invalidArgType('otherBuffer', ['Buffer', 'Uint8Array'], other);
    return this.length === other.length && compareBytes(this, other) === 0;
}

function swap(buffer, width) {
    if (buffer.length % width !== 0) {
        throw nodeError(RangeError, 'ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${8 * width}-bits`);
    }
    for (let at = 0; at < buffer.length; at += width) view(buffer, at, at + width).reverse();
    return buffer;
}

function inspect(depth, options) {
    const max = module.exports.INSPECT_MAX_BYTES;
    const shown = text.hexEncode(view(this, 0, Math.min(max, this.length))).replace(/(..)(?=.)/g, '$1 ');
    const more = this.length - max;
    let out = more > 0 ? `${shown} ... ${more} more byte${more > 1 ? 's' : ''}` : shown;
    if (options && this.length <= 1000) {
        const own = Object.keys(this).filter((key) => !/^\d+$/.test(key));
        for (const key of own) {
            out += `${out === '' ? '' : ', '}${key}: ${require('node/internal/inspect').inspect(this[key], options)}`;
        }
    }
    return `<${this.constructor.name}${out === '' ? '' : ' '}${out}>`;
}

const methods = {
    slice, subarray: slice, toString, toLocaleString: toString, write, copy, fill, compare, equals, inspect,
    indexOf(value, offset, encoding) { return search(this, value, offset, encoding, true); },
    lastIndexOf(value, offset, encoding) { return search(this, value, offset, encoding, false); },
    includes(value, offset, encoding) { return search(this, value, offset, encoding, true) !== -1; },
    toJSON() { return { type: 'Buffer', data: Array.prototype.slice.call(this) }; },
    swap16() { return swap(this, 2); },
    swap32() { return swap(this, 4); },
    swap64() { return swap(this, 8); },
};
for (const name of Object.keys(methods)) define(name, methods[name]);
define(customInspect, inspect);
numbers.install(FastBuffer.prototype);
for (const name of ['parent', 'offset']) {
    Object.defineProperty(FastBuffer.prototype, name, {
        configurable: true,
        get() { return this instanceof Buffer ? (name === 'parent' ? this.buffer : this.byteOffset) : undefined; },
    });
}
for (const name of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8']) {
    define(`${name}Slice`, function (start, end) { return this.toString(name, start, end); });
    define(`${name}Write`, function (string, offset, length) { return this.write(string, offset, length, name); });
}

function SlowBuffer(size) {
    return Buffer.alloc(size);
}
SlowBuffer.prototype = Buffer.prototype;

const constants = { MAX_LENGTH, MAX_STRING_LENGTH: 0x1fffffe8 };
module.exports = {
    Buffer, SlowBuffer, transcode, isUtf8, isAscii, constants,
    kMaxLength: MAX_LENGTH, kStringMaxLength: constants.MAX_STRING_LENGTH, INSPECT_MAX_BYTES: 50,
    get atob() { return globalThis.atob; },
    get btoa() { return globalThis.btoa; },
    get Blob() { return globalThis.Blob; },
    get File() { return globalThis.File; },
};
Object.defineProperty(module.exports, 'globals', { value: { Buffer }, enumerable: false });
