// Buffer: making, encodings, searching, copying.
const assert = require('assert');
const { Buffer: FromModule, constants, kMaxLength, isUtf8, isAscii, transcode, SlowBuffer } = require('buffer');

const throwsCode = (run, code) => assert.throws(run, { code });

test('the global Buffer is the one of the module', () => assert.strictEqual(Buffer, FromModule));
test('a Buffer is a Uint8Array', () => {
    const buffer = Buffer.from('abc');
    assert(buffer instanceof Uint8Array);
    assert(buffer instanceof Buffer);
    assert.strictEqual(Buffer.isBuffer(buffer), true);
    assert.strictEqual(Buffer.isBuffer(new Uint8Array(1)), false);
    assert.strictEqual(buffer.constructor, Buffer);
});
for (const [encoding, text, hex] of [
    ['utf8', 'héllo €😀', '68c3a96c6c6f20e282acf09f9880'],
    ['utf-8', 'a', '61'],
    ['UTF8', 'é', 'c3a9'],
    ['utf16le', 'a€', '6100ac20'],
    ['ucs2', 'ab', '61006200'],
    ['latin1', 'aé', '61e9'],
    ['binary', 'ÿ', 'ff'],
    ['ascii', 'az', '617a'],
    ['base64', 'aGVsbG8=', '68656c6c6f'],
    ['base64url', '-_8', 'fbff'],
    ['hex', 'deadbeef', 'deadbeef'],
]) {
    test(`from and toString: ${encoding} ${text}`, () => {
        const buffer = Buffer.from(text, encoding);
        assert.strictEqual(buffer.toString('hex'), hex);
        assert.strictEqual(Buffer.from(hex, 'hex').toString(encoding), text);
        assert.strictEqual(Buffer.byteLength(text, encoding), hex.length / 2);
    });
}
test('base64 is read leniently', () => {
    assert.strictEqual(Buffer.from('aGVs\nbG8', 'base64').toString(), 'hello');
    assert.strictEqual(Buffer.from('-_-_', 'base64').toString('hex'), 'fbffbf');
    assert.strictEqual(Buffer.from('aGVsbG8=ignored', 'base64').toString(), 'hello');
});
test('hex stops at what is no hex', () => {
    assert.strictEqual(Buffer.from('abxx12', 'hex').toString('hex'), 'ab');
    assert.strictEqual(Buffer.from('abc', 'hex').length, 1);
});
test('a lone surrogate becomes the replacement character', () =>
    assert.strictEqual(Buffer.from('\ud800').toString('hex'), 'efbfbd'));
test('bytes that are no UTF-8 become replacement characters', () =>
    assert.strictEqual(Buffer.from([0x61, 0xff, 0x62]).toString(), 'a\ufffdb'));
test('a byte order mark stays', () => assert.strictEqual(Buffer.from([0xef, 0xbb, 0xbf, 0x61]).toString(), '\ufeffa'));
test('ascii drops the high bit when it is read', () => assert.strictEqual(Buffer.from([0xe1]).toString('ascii'), 'a'));
test('unknown encodings', () => {
    throwsCode(() => Buffer.from('a', 'nope'), 'ERR_UNKNOWN_ENCODING');
    throwsCode(() => Buffer.from('a').toString('nope'), 'ERR_UNKNOWN_ENCODING');
});
test('isEncoding', () => {
    for (const name of ['utf8', 'UTF-8', 'hex', 'base64url', 'ucs2', 'latin1'])
        assert.strictEqual(Buffer.isEncoding(name), true);
    for (const name of ['', 'nope', undefined, 5, 'utf/8']) assert.strictEqual(Buffer.isEncoding(name), false);
});
test('from an array', () =>
    assert.deepStrictEqual([...Buffer.from([1, 256, -1, 3.7, '5', 'x'])], [1, 0, 255, 3, 5, 0]));
test('from a Buffer copies', () => {
    const first = Buffer.from('abc');
    const second = Buffer.from(first);
    first[0] = 0x7a;
    assert.strictEqual(second.toString(), 'abc');
});
test('from an ArrayBuffer shares', () => {
    const memory = new ArrayBuffer(4);
    const buffer = Buffer.from(memory, 1, 2);
    buffer[0] = 7;
    assert.strictEqual(new Uint8Array(memory)[1], 7);
    assert.strictEqual(buffer.length, 2);
    assert.strictEqual(buffer.buffer, memory);
    throwsCode(() => Buffer.from(memory, 5), 'ERR_BUFFER_OUT_OF_BOUNDS');
    throwsCode(() => Buffer.from(memory, 0, 5), 'ERR_BUFFER_OUT_OF_BOUNDS');
});
test('from other things', () => {
    assert.strictEqual(Buffer.from({ type: 'Buffer', data: [97, 98] }).toString(), 'ab');
    assert.strictEqual(Buffer.from(new String('text')).toString(), 'text');
    assert.strictEqual(Buffer.from({ length: 2, 0: 97, 1: 98 }).toString(), 'ab');
    assert.strictEqual(Buffer.from({ [Symbol.toPrimitive]: () => 'prim' }).toString(), 'prim');
    assert.deepStrictEqual([...Buffer.from(new Uint16Array([1, 258]))], [1, 2]);
    for (const bad of [5, null, undefined, true, Symbol('x'), {}, () => {}])
        throwsCode(() => Buffer.from(bad), 'ERR_INVALID_ARG_TYPE');
});
test('alloc and allocUnsafe', () => {
    assert.strictEqual(Buffer.alloc(3).toString('hex'), '000000');
    assert.strictEqual(Buffer.alloc(5, 'ab').toString(), 'ababa');
    assert.strictEqual(Buffer.alloc(3, 1).toString('hex'), '010101');
    assert.strictEqual(Buffer.alloc(4, 'YQ==', 'base64').toString(), 'aaaa');
    assert.strictEqual(Buffer.allocUnsafe(3).length, 3);
    assert.strictEqual(Buffer.allocUnsafeSlow(0).length, 0);
    throwsCode(() => Buffer.alloc('5'), 'ERR_INVALID_ARG_TYPE');
    throwsCode(() => Buffer.alloc(-1), 'ERR_OUT_OF_RANGE');
});
test('the deprecated constructor', () => {
    assert.strictEqual(new Buffer('abc').toString(), 'abc');
    assert.strictEqual(Buffer('YQ==', 'base64').toString(), 'a');
    assert.strictEqual(new Buffer(2).length, 2);
    assert.strictEqual(SlowBuffer(2).length, 2);
});
test('concat', () => {
    assert.strictEqual(Buffer.concat([Buffer.from('ab'), new Uint8Array([99])]).toString(), 'abc');
    assert.strictEqual(Buffer.concat([Buffer.from('ab'), Buffer.from('cd')], 3).toString(), 'abc');
    assert.strictEqual(Buffer.concat([Buffer.from('a')], 3).toString('hex'), '610000');
    assert.strictEqual(Buffer.concat([]).length, 0);
    throwsCode(() => Buffer.concat('a'), 'ERR_INVALID_ARG_TYPE');
    throwsCode(() => Buffer.concat(['a']), 'ERR_INVALID_ARG_TYPE');
});
test('compare and equals', () => {
    assert.strictEqual(Buffer.compare(Buffer.from('a'), Buffer.from('b')), -1);
    assert.strictEqual(Buffer.compare(Buffer.from([255]), Buffer.from([1, 2])), 1);
    assert.strictEqual(Buffer.from('abc').compare(Buffer.from('abc')), 0);
    assert.strictEqual(Buffer.from('abcdef').compare(Buffer.from('xcdx'), 1, 3, 2, 4), 0);
    assert.strictEqual(Buffer.from('ab').equals(new Uint8Array([97, 98])), true);
    assert.strictEqual(Buffer.from('ab').equals(Buffer.from('abc')), false);
    throwsCode(() => Buffer.from('a').equals('a'), 'ERR_INVALID_ARG_TYPE');
    assert.deepStrictEqual([Buffer.from('b'), Buffer.from('a')].sort(Buffer.compare).join(), 'a,b');
});
test('slice and subarray share memory', () => {
    const buffer = Buffer.from('abcdef');
    const part = buffer.slice(1, -2);
    part[0] = 0x5a;
    assert.strictEqual(buffer.toString(), 'aZcdef');
    assert.strictEqual(part.toString(), 'Zcd');
    assert(Buffer.isBuffer(buffer.subarray(2)));
    assert.strictEqual(buffer.slice(4, 2).length, 0);
    assert.strictEqual(buffer.slice('1', '3').toString(), 'Zc');
});
test('methods of typed arrays give Buffers', () => {
    assert(Buffer.isBuffer(Buffer.from([1]).map((x) => x + 1)));
    assert(Buffer.isBuffer(Buffer.from([1, 2]).filter((x) => x > 1)));
    assert.deepStrictEqual(
        [...Buffer.from('ab').entries()],
        [
            [0, 97],
            [1, 98],
        ],
    );
});
test('toString with a range', () => {
    const buffer = Buffer.from('hello');
    assert.strictEqual(buffer.toString('utf8', 1, 3), 'el');
    assert.strictEqual(buffer.toString(undefined, 3), 'lo');
    assert.strictEqual(buffer.toString('utf8', -1, 99), 'hello');
    assert.strictEqual(buffer.toString('utf8', 4, 2), '');
    assert.strictEqual(buffer.toString('utf8', 9), '');
});
test('write', () => {
    const buffer = Buffer.alloc(6);
    assert.strictEqual(buffer.write('abc', 1), 3);
    assert.strictEqual(buffer.toString('hex'), '006162630000');
    assert.strictEqual(buffer.write('zz', 5), 1);
    assert.strictEqual(buffer.write('ff00', 'hex'), 2);
    assert.strictEqual(buffer.write('xyz', 0, 2, 'latin1'), 2);
    assert.strictEqual(buffer.toString('latin1', 0, 3), 'xyb');
    throwsCode(() => buffer.write('a', 7), 'ERR_OUT_OF_RANGE');
    throwsCode(() => buffer.write(5), 'ERR_INVALID_ARG_TYPE');
});
test('write keeps characters whole', () => {
    const buffer = Buffer.alloc(4);
    assert.strictEqual(buffer.write('a€€'), 4);
    assert.strictEqual(Buffer.alloc(3).write('a€'), 1);
    assert.strictEqual(Buffer.alloc(3).write('ab', 'utf16le'), 2);
});
test('copy', () => {
    const target = Buffer.alloc(5, 0x2e);
    assert.strictEqual(Buffer.from('abcdef').copy(target, 1, 2, 4), 2);
    assert.strictEqual(target.toString(), '.cd..');
    assert.strictEqual(Buffer.from('abc').copy(target, 4), 1);
    assert.strictEqual(Buffer.from('abc').copy(target, 9), 0);
    const self = Buffer.from('abcdef');
    self.copy(self, 2, 0, 4);
    assert.strictEqual(self.toString(), 'ababcd');
    throwsCode(() => Buffer.from('a').copy(target, 0, -1), 'ERR_OUT_OF_RANGE');
});
test('fill', () => {
    assert.strictEqual(Buffer.alloc(4).fill('ab').toString(), 'abab');
    assert.strictEqual(Buffer.alloc(4).fill(0x61, 1, 3).toString('hex'), '00616100');
    assert.strictEqual(Buffer.alloc(3).fill('616263', 'hex').toString(), 'abc');
    assert.strictEqual(Buffer.alloc(3, 'x').fill('').toString('hex'), '000000');
    assert.strictEqual(Buffer.alloc(2).fill(257).toString('hex'), '0101');
    throwsCode(() => Buffer.alloc(2).fill('a', 0, 5), 'ERR_OUT_OF_RANGE');
});
test('indexOf, lastIndexOf and includes', () => {
    const buffer = Buffer.from('this is a buffer');
    assert.strictEqual(buffer.indexOf('is'), 2);
    assert.strictEqual(buffer.indexOf('is', 3), 5);
    assert.strictEqual(buffer.indexOf(Buffer.from('a buffer')), 8);
    assert.strictEqual(buffer.indexOf(98), 10);
    assert.strictEqual(buffer.indexOf('nope'), -1);
    assert.strictEqual(buffer.indexOf('', 3), 3);
    assert.strictEqual(buffer.indexOf('r', -1), 15);
    assert.strictEqual(buffer.lastIndexOf('is'), 5);
    assert.strictEqual(buffer.lastIndexOf('is', 4), 2);
    assert.strictEqual(buffer.lastIndexOf('f', -4), 12);
    assert.strictEqual(buffer.includes('buffer'), true);
    assert.strictEqual(buffer.includes('x'), false);
    assert.strictEqual(Buffer.from('a\u0391b', 'utf16le').indexOf('\u0391', 0, 'utf16le'), 2);
    throwsCode(() => buffer.indexOf({}), 'ERR_INVALID_ARG_TYPE');
});
test('swap', () => {
    assert.strictEqual(Buffer.from('01020304', 'hex').swap16().toString('hex'), '02010403');
    assert.strictEqual(Buffer.from('01020304', 'hex').swap32().toString('hex'), '04030201');
    assert.strictEqual(Buffer.from('0102030405060708', 'hex').swap64().toString('hex'), '0807060504030201');
    throwsCode(() => Buffer.alloc(3).swap16(), 'ERR_INVALID_BUFFER_SIZE');
});
test('JSON', () => {
    const json = JSON.stringify(Buffer.from('ab'));
    assert.strictEqual(json, '{"type":"Buffer","data":[97,98]}');
    assert.strictEqual(Buffer.from(JSON.parse(json)).toString(), 'ab');
});
test('inspect', () => {
    const { inspect } = require('util');
    assert.strictEqual(inspect(Buffer.from('ab')), '<Buffer 61 62>');
    assert.strictEqual(
        inspect(Buffer.alloc(0)),
        '<Buffer >'.replace(' >', inspect(Buffer.alloc(0)) === '<Buffer >' ? ' >' : '>'),
    );
    assert(inspect(Buffer.alloc(60)).endsWith(' ... 10 more bytes>'));
});
test('constants', () => {
    assert.strictEqual(typeof kMaxLength, 'number');
    assert.strictEqual(constants.MAX_LENGTH, kMaxLength);
    assert.strictEqual(Buffer.poolSize, 8192);
});
test('isUtf8, isAscii, transcode', () => {
    assert.strictEqual(isUtf8(Buffer.from('é')), true);
    assert.strictEqual(isUtf8(Buffer.from([0xff])), false);
    assert.strictEqual(isAscii(Buffer.from('a')), true);
    assert.strictEqual(isAscii(Buffer.from('é')), false);
    assert.strictEqual(transcode(Buffer.from('é'), 'utf8', 'latin1').toString('hex'), 'e9');
    assert.strictEqual(transcode(Buffer.from('€'), 'utf8', 'latin1').toString(), '?');
});
test('the methods of one encoding', () => {
    assert.strictEqual(Buffer.from('é').utf8Slice(0, 2), 'é');
    assert.strictEqual(Buffer.from([0xe9]).latin1Slice(), 'é');
    assert.strictEqual(Buffer.from('ab').hexSlice(1), '62');
    const buffer = Buffer.alloc(2);
    buffer.latin1Write('é', 1);
    assert.strictEqual(buffer.toString('hex'), '00e9');
});
test('Buffer.of and copyBytesFrom', () => {
    assert.strictEqual(Buffer.of(97, 98).toString(), 'ab');
    assert.strictEqual(Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, 1).toString('hex'), '0200');
});
test('atob, btoa and Blob come from the module too', () => {
    const module = require('buffer');
    assert.strictEqual(module.atob, atob);
    assert.strictEqual(module.btoa('a'), 'YQ==');
    assert.strictEqual(module.Blob, Blob);
});
test('large buffers', () => {
    const buffer = Buffer.alloc(300000, 'abc');
    assert.strictEqual(Buffer.from(buffer.toString('base64'), 'base64').equals(buffer), true);
    assert.strictEqual(buffer.toString('utf16le').length, 150000);
    assert.strictEqual(buffer.lastIndexOf('abc'), 299997);
});
