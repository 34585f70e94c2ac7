// Buffer: numbers of every width.
const assert = require('assert');

const cases = [
    ['UInt8', 1, 0xfe, 'fe'],
    ['Int8', 1, -2, 'fe'],
    ['UInt16LE', 2, 0x1234, '3412'],
    ['UInt16BE', 2, 0x1234, '1234'],
    ['Int16LE', 2, -2, 'feff'],
    ['Int16BE', 2, -2, 'fffe'],
    ['UInt32LE', 4, 0xfedcba98, '98badcfe'],
    ['UInt32BE', 4, 0xfedcba98, 'fedcba98'],
    ['Int32LE', 4, -123456789, 'eb32a4f8'],
    ['Int32BE', 4, -123456789, 'f8a432eb'],
    ['BigUInt64LE', 8, 0x0123456789abcdefn, 'efcdab8967452301'],
    ['BigUInt64BE', 8, 0xfedcba9876543210n, 'fedcba9876543210'],
    ['BigInt64LE', 8, -2n, 'feffffffffffffff'],
    ['BigInt64BE', 8, -2n, 'fffffffffffffffe'],
    ['FloatLE', 4, 1.5, '0000c03f'],
    ['FloatBE', 4, 1.5, '3fc00000'],
    ['DoubleLE', 8, -0.1, '9a9999999999b9bf'],
    ['DoubleBE', 8, -0.1, 'bfb999999999999a'],
];
for (const [name, width, value, hex] of cases) {
    test(`${name} is written and read`, () => {
        const buffer = Buffer.alloc(width + 2);
        assert.strictEqual(buffer[`write${name}`](value, 1), width + 1);
        assert.strictEqual(buffer.toString('hex', 1, width + 1), hex);
        assert.strictEqual(buffer[`read${name}`](1), value);
        assert.strictEqual(Buffer.from(hex, 'hex')[`read${name}`](), value);
    });
    test(`${name} checks its offset`, () => {
        const buffer = Buffer.alloc(width);
        assert.throws(() => buffer[`read${name}`](1), { code: width === 1 ? 'ERR_OUT_OF_RANGE' : 'ERR_OUT_OF_RANGE' });
        assert.throws(() => buffer[`read${name}`](-1), { code: 'ERR_OUT_OF_RANGE' });
        assert.throws(() => buffer[`read${name}`](0.5), { code: 'ERR_OUT_OF_RANGE' });
        assert.throws(() => buffer[`read${name}`]('0'), { code: 'ERR_INVALID_ARG_TYPE' });
        assert.throws(() => Buffer.alloc(width - 1)[`read${name}`](0), {
            code: /ERR_BUFFER_OUT_OF_BOUNDS|ERR_OUT_OF_RANGE/,
        });
    });
}
for (const [name, bad] of [
    ['UInt8', 256],
    ['UInt8', -1],
    ['Int8', 128],
    ['UInt16LE', 65536],
    ['Int16BE', -32769],
    ['UInt32BE', 2 ** 32],
    ['Int32LE', 2 ** 31],
    ['BigInt64LE', 2n ** 63n],
    ['BigUInt64BE', -1n],
]) {
    test(`${name} refuses ${bad}`, () =>
        assert.throws(() => Buffer.alloc(8)[`write${name}`](bad), { code: 'ERR_OUT_OF_RANGE' }));
}
test('the message of a value out of range', () => {
    assert.throws(() => Buffer.alloc(1).writeUInt8(256), {
        name: 'RangeError',
        message: 'The value of "value" is out of range. It must be >= 0 and <= 255. Received 256',
    });
    assert.throws(() => Buffer.alloc(4).writeUInt32LE(2 ** 33), {
        message: 'The value of "value" is out of range. It must be >= 0 and <= 4294967295. Received 8_589_934_592',
    });
});
for (const width of [1, 2, 3, 4, 5, 6]) {
    test(`integers of ${width} bytes`, () => {
        const buffer = Buffer.alloc(8);
        const value = 2 ** (8 * width - 1) - 5;
        for (const end of ['LE', 'BE']) {
            buffer[`writeUInt${end}`](value, 1, width);
            assert.strictEqual(buffer[`readUInt${end}`](1, width), value);
            buffer[`writeInt${end}`](-value, 1, width);
            assert.strictEqual(buffer[`readInt${end}`](1, width), -value);
        }
    });
}
test('widths other than 1 to 6 are refused', () => {
    assert.throws(() => Buffer.alloc(8).readUIntLE(0, 7), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => Buffer.alloc(8).readUIntLE(0), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('both spellings', () => {
    assert.strictEqual(Buffer.from([5]).readUint8(), 5);
    assert.strictEqual(Buffer.from([0, 5]).readUint16BE(), 5);
    assert.strictEqual(Buffer.alloc(8).readBigUint64LE(), 0n);
});
test('floats that are no numbers', () => {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleLE(NaN);
    assert(Number.isNaN(buffer.readDoubleLE()));
    buffer.writeFloatBE(Infinity);
    assert.strictEqual(buffer.readFloatBE(), Infinity);
    buffer.writeDoubleBE(-0);
    assert(Object.is(buffer.readDoubleBE(), -0));
});
test('fractions are cut off', () => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt8(-1.9);
    assert.strictEqual(buffer.readInt8(), -1);
    buffer.writeUInt16LE(3.99);
    assert.strictEqual(buffer.readUInt16LE(), 3);
});
