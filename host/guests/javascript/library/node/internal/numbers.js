// Reading and writing numbers of every width at an offset of a Buffer.

const { invalidArgType, nodeError, outOfRange } = require('node/internal/errors');

const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);

function badOffset(buffer, offset, width) {
    if (typeof offset !== 'number') return invalidArgType('offset', 'number', offset);
    if (!Number.isInteger(offset)) return outOfRange('offset', 'an integer', offset);
    if (buffer.length - width < 0) {
        return nodeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
    }
    return outOfRange('offset', `>= 0 and <= ${buffer.length - width}`, offset);
}

function check(buffer, offset, width) {
    if (!(Number.isInteger(offset) && offset >= 0 && offset + width <= buffer.length)) {
        throw badOffset(buffer, offset, width);
    }
}

function checkWidth(width) {
    if (typeof width !== 'number') throw invalidArgType('byteLength', 'number', width);
    if (!Number.isInteger(width)) throw outOfRange('byteLength', 'an integer', width);
    if (width < 1 || width > 6) throw outOfRange('byteLength', '>= 1 and <= 6', width);
}

function unsigned(buffer, offset, width, little) {
    let value = 0;
    if (little) {
        for (let i = width - 1; i >= 0; i--) value = value * 256 + buffer[offset + i];
    } else {
        for (let i = 0; i < width; i++) value = value * 256 + buffer[offset + i];
    }
    return value;
}

function signed(buffer, offset, width, little) {
    const value = unsigned(buffer, offset, width, little);
    return value >= 2 ** (8 * width - 1) ? value - 2 ** (8 * width) : value;
}

function put(buffer, value, offset, width, little, isSigned) {
    value = +value;
    check(buffer, offset, width);
    const min = isSigned ? -(2 ** (8 * width - 1)) : 0;
    const max = isSigned ? 2 ** (8 * width - 1) - 1 : 2 ** (8 * width) - 1;
    if (value > max || value < min) {
        const range = width <= 4 ? `>= ${min} and <= ${max}`
            : isSigned ? `>= -(2 ** ${8 * width - 1}) and < 2 ** ${8 * width - 1}` : `>= 0 and < 2 ** ${8 * width}`;
        throw outOfRange('value', range, value);
    }
    value = Math.trunc(value);
    if (value < 0) value += 2 ** (8 * width);
    for (let i = 0; i < width; i++) {
        buffer[little ? offset + i : offset + width - 1 - i] = value % 256;
        value = Math.floor(value / 256);
    }
    return offset + width;
}

function bigUnsigned(buffer, offset, little) {
    check(buffer, offset, 8);
    const low = unsigned(buffer, little ? offset : offset + 4, 4, little);
    const high = unsigned(buffer, little ? offset + 4 : offset, 4, little);
    return BigInt(high) << 32n | BigInt(low);
}

function putBig(buffer, value, offset, little, isSigned) {
    if (typeof value !== 'bigint') throw invalidArgType('value', 'bigint', value);
    if (value !== (isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) {
        throw outOfRange('value', isSigned ? '>= -(2n ** 63n) and < 2n ** 63n' : '>= 0n and < 2n ** 64n', value);
    }
    check(buffer, offset, 8);
    value = BigInt.asUintN(64, value);
    put(buffer, Number(value & 0xffffffffn), little ? offset : offset + 4, 4, little, false);
    put(buffer, Number(value >> 32n), little ? offset + 4 : offset, 4, little, false);
    return offset + 8;
}

function readFloat(buffer, offset, view, bytes, little) {
    check(buffer, offset, bytes.length);
    for (let i = 0; i < bytes.length; i++) bytes[little ? i : bytes.length - 1 - i] = buffer[offset + i];
    return view[0];
}

function writeFloat(buffer, value, offset, view, bytes, little) {
    value = +value;
    check(buffer, offset, bytes.length);
    view[0] = value;
    for (let i = 0; i < bytes.length; i++) buffer[offset + i] = bytes[little ? i : bytes.length - 1 - i];
    return offset + bytes.length;
}

/** Node has each method of unsigned integers under two names (`readUInt8`, `readUint8`). */
function addBoth(prototype, name, method) {
    Object.defineProperty(method, 'name', { value: name });
    for (const key of new Set([name, name.replace('UInt', 'Uint')])) {
        Object.defineProperty(prototype, key, { value: method, writable: true, configurable: true, enumerable: true });
    }
}

/** Puts the methods on `prototype`. */
function install(prototype) {
    addBoth(prototype, 'readUInt8', function (offset = 0) {
        check(this, offset, 1);
        return this[offset];
    });
    addBoth(prototype, 'readInt8', function (offset = 0) {
        check(this, offset, 1);
        return this[offset] << 24 >> 24;
    });
    addBoth(prototype, 'writeUInt8', function (value, offset = 0) { return put(this, value, offset, 1, true, false); });
    addBoth(prototype, 'writeInt8', function (value, offset = 0) { return put(this, value, offset, 1, true, true); });
    for (const little of [true, false]) {
        const end = little ? 'LE' : 'BE';
        for (const width of [2, 4]) {
            addBoth(prototype, `readUInt${8 * width}${end}`, function (offset = 0) {
                check(this, offset, width);
                return unsigned(this, offset, width, little);
            });
            addBoth(prototype, `readInt${8 * width}${end}`, function (offset = 0) {
                check(this, offset, width);
                return signed(this, offset, width, little);
            });
            addBoth(prototype, `writeUInt${8 * width}${end}`, function (value, offset = 0) {
                return put(this, value, offset, width, little, false);
            });
            addBoth(prototype, `writeInt${8 * width}${end}`, function (value, offset = 0) {
                return put(this, value, offset, width, little, true);
            });
        }
        addBoth(prototype, `readUInt${end}`, function (offset, width) {
            checkWidth(width);
            check(this, offset, width);
            return unsigned(this, offset, width, little);
        });
        addBoth(prototype, `readInt${end}`, function (offset, width) {
            checkWidth(width);
            check(this, offset, width);
            return signed(this, offset, width, little);
        });
        addBoth(prototype, `writeUInt${end}`, function (value, offset, width) {
            checkWidth(width);
            return put(this, value, offset, width, little, false);
        });
        addBoth(prototype, `writeInt${end}`, function (value, offset, width) {
            checkWidth(width);
            return put(this, value, offset, width, little, true);
        });
        addBoth(prototype, `readBigUInt64${end}`, function (offset = 0) { return bigUnsigned(this, offset, little); });
        addBoth(prototype, `readBigInt64${end}`, function (offset = 0) {
            return BigInt.asIntN(64, bigUnsigned(this, offset, little));
        });
        addBoth(prototype, `writeBigUInt64${end}`, function (value, offset = 0) {
            return putBig(this, value, offset, little, false);
        });
        addBoth(prototype, `writeBigInt64${end}`, function (value, offset = 0) {
            return putBig(this, value, offset, little, true);
        });
        addBoth(prototype, `readFloat${end}`, function (offset = 0) {
            return readFloat(this, offset, float32, float32Bytes, little);
        });
        addBoth(prototype, `readDouble${end}`, function (offset = 0) {
            return readFloat(this, offset, float64, float64Bytes, little);
        });
        addBoth(prototype, `writeFloat${end}`, function (value, offset = 0) {
            return writeFloat(this, value, offset, float32, float32Bytes, little);
        });
        addBoth(prototype, `writeDouble${end}`, function (value, offset = 0) {
            return writeFloat(this, value, offset, float64, float64Bytes, little);
        });
    }
}

module.exports = { install };
