// Encoding Standard: TextEncoder and TextDecoder.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

const bytes = (...values) => new Uint8Array(values);
const encode = (text) => [...new TextEncoder().encode(text)];
const decode = (values, options) => new TextDecoder('utf-8', options).decode(new Uint8Array(values));

const TEXTS = [
    ['', []],
    ['abc', [0x61, 0x62, 0x63]],
    ['\0', [0]],
    ['é', [0xc3, 0xa9]],
    ['€', [0xe2, 0x82, 0xac]],
    ['😀', [0xf0, 0x9f, 0x98, 0x80]],
    ['\uffff', [0xef, 0xbf, 0xbf]],
    ['\u{10ffff}', [0xf4, 0x8f, 0xbf, 0xbf]],
];
for (const [text, values] of TEXTS) {
    test(`TextEncoder and TextDecoder: ${JSON.stringify(text)}`, () => {
        same(encode(text), values);
        equal(decode(values), text);
    });
}

test('TextEncoder replaces unpaired surrogates', () => {
    same(encode('\ud800'), [0xef, 0xbf, 0xbd]);
    same(encode('a\udc00b'), [0x61, 0xef, 0xbf, 0xbd, 0x62]);
    same(encode('\udc00\ud800'), [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd]);
});
test('TextEncoder encodes nothing, undefined and other values', () => {
    same(encode(), []);
    same(encode(undefined), []);
    same(encode(12), [0x31, 0x32]);
    equal(new TextEncoder().encoding, 'utf-8');
    ok(new TextEncoder().encode('a') instanceof Uint8Array);
});
test('TextEncoder encodes long text', () => {
    const text = 'aé€😀'.repeat(5000);
    const encoded = new TextEncoder().encode(text);
    equal(encoded.length, 50000);
    equal(new TextDecoder().decode(encoded), text);
});

// Text, size of the destination, units read, bytes written.
const INTO = [
    ['abc', 10, 3, 3],
    ['abc', 2, 2, 2],
    ['é', 1, 0, 0],
    ['é', 2, 1, 2],
    ['a€b', 3, 1, 1],
    ['a€b', 4, 2, 4],
    ['😀', 3, 0, 0],
    ['😀a', 4, 2, 4],
    ['\ud800', 3, 1, 3],
    ['', 0, 0, 0],
];
for (const [text, size, read, written] of INTO) {
    test(`TextEncoder.encodeInto ${JSON.stringify(text)} into ${size} bytes`, () => {
        const destination = new Uint8Array(size);
        same({ ...new TextEncoder().encodeInto(text, destination) }, { read, written });
        same([...destination.subarray(0, written)], encode(text).slice(0, written));
    });
}
test('TextEncoder.encodeInto writes at the place of the view', () => {
    const buffer = new Uint8Array(6).fill(9);
    new TextEncoder().encodeInto('ab', buffer.subarray(2, 5));
    same([...buffer], [9, 9, 0x61, 0x62, 9, 9]);
});
test('TextEncoder.encodeInto needs a Uint8Array', () => throws(() => new TextEncoder().encodeInto('a', []), TypeError));

// Malformed UTF-8 and what it decodes to.
const MALFORMED = [
    [[0xff], '\ufffd'],
    [[0x80], '\ufffd'],
    [[0xc0, 0x80], '\ufffd\ufffd'],
    [[0xc3], '\ufffd'],
    [[0xe2, 0x82], '\ufffd'],
    [[0xe2, 0x82, 0x41], '\ufffdA'],
    [[0xe0, 0x80, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xf0, 0x9f, 0x98], '\ufffd'],
    [[0xf0, 0x9f, 0x41], '\ufffdA'],
    [[0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
    [[0xf8, 0x88], '\ufffd\ufffd'],
];
for (const [values, text] of MALFORMED) {
    const name = values.map((value) => value.toString(16)).join(' ');
    test(`TextDecoder on malformed ${name}`, () => {
        equal(decode(values), text);
        throws(() => decode(values, { fatal: true }), TypeError);
    });
}

test('TextDecoder has its properties', () => {
    const decoder = new TextDecoder('UTF8', { fatal: true, ignoreBOM: true });
    same([decoder.encoding, decoder.fatal, decoder.ignoreBOM], ['utf-8', true, true]);
    same([new TextDecoder().encoding, new TextDecoder().fatal, new TextDecoder().ignoreBOM], ['utf-8', false, false]);
});
test('TextDecoder strips a byte order mark, once', () => {
    equal(decode([0xef, 0xbb, 0xbf, 0x61]), 'a');
    equal(decode([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf]), '\ufeff');
    equal(decode([0x61, 0xef, 0xbb, 0xbf]), 'a\ufeff');
    equal(decode([0xef, 0xbb, 0xbf, 0x61], { ignoreBOM: true }), '\ufeffa');
});
test('TextDecoder strips a byte order mark that comes in pieces', () => {
    const decoder = new TextDecoder();
    equal(decoder.decode(bytes(0xef), { stream: true }), '');
    equal(decoder.decode(bytes(0xbb), { stream: true }), '');
    equal(decoder.decode(bytes(0xbf, 0x61), { stream: true }), 'a');
    equal(decoder.decode(), '');
    equal(decoder.decode(bytes(0xef, 0xbb, 0xbf, 0x62)), 'b');
});
test('TextDecoder takes buffers and views of them', () => {
    const { buffer } = bytes(0x61, 0x62, 0x63, 0x64);
    equal(new TextDecoder().decode(buffer), 'abcd');
    equal(new TextDecoder().decode(new DataView(buffer, 1, 2)), 'bc');
    equal(new TextDecoder().decode(new Uint16Array(buffer)), 'abcd');
    equal(new TextDecoder().decode(), '');
    equal(new TextDecoder().decode(undefined), '');
    throws(() => new TextDecoder().decode('abc'), TypeError);
    throws(() => new TextDecoder().decode(null), TypeError);
});
test('TextDecoder streams characters cut anywhere', () => {
    const text = 'aé€😀z';
    const whole = new TextEncoder().encode(text);
    for (let cut = 0; cut <= whole.length; cut++) {
        const decoder = new TextDecoder('utf-8', { fatal: true });
        const first = decoder.decode(whole.subarray(0, cut), { stream: true });
        equal(first + decoder.decode(whole.subarray(cut)), text);
    }
});
test('TextDecoder streams byte by byte', () => {
    const decoder = new TextDecoder();
    let text = '';
    for (const byte of new TextEncoder().encode('ä€😀')) text += decoder.decode(bytes(byte), { stream: true });
    equal(text + decoder.decode(), 'ä€😀');
});
test('TextDecoder ends an unfinished character with a replacement', () => {
    const decoder = new TextDecoder();
    equal(decoder.decode(bytes(0xf0, 0x9f), { stream: true }), '');
    equal(decoder.decode(), '\ufffd');
    equal(decoder.decode(bytes(0x61)), 'a');
});
test('TextDecoder does not wait for what can never become a character', () => {
    equal(new TextDecoder().decode(bytes(0xe0, 0x80), { stream: true }), '\ufffd\ufffd');
    equal(new TextDecoder().decode(bytes(0xc0), { stream: true }), '\ufffd');
    equal(new TextDecoder().decode(bytes(0xed, 0xa0), { stream: true }), '\ufffd\ufffd');
});
test('TextDecoder begins anew after a fatal mistake', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    throws(() => decoder.decode(bytes(0xff)), TypeError);
    equal(decoder.decode(bytes(0x61)), 'a');
});
test('TextDecoder refuses unknown labels', () => {
    throws(() => new TextDecoder('nonsense'), RangeError);
    throws(() => new TextDecoder('utf-8\0'), RangeError);
});
test('TextDecoder trims its label', () => equal(new TextDecoder(' \tUTF-8\n').encoding, 'utf-8'));

for (const label of ['utf-16', 'utf-16le', 'ucs-2', 'unicode']) {
    test(`TextDecoder knows ${label}`, () => {
        const decoder = new TextDecoder(label);
        equal(decoder.encoding, 'utf-16le');
        equal(decoder.decode(bytes(0x61, 0, 0xac, 0x20)), 'a€');
    });
}
test('TextDecoder utf-16le: marks, surrogates, streams', () => {
    equal(new TextDecoder('utf-16le').decode(bytes(0xff, 0xfe, 0x61, 0)), 'a');
    equal(new TextDecoder('utf-16le').decode(bytes(0x3d, 0xd8, 0x00, 0xde)), '😀');
    equal(new TextDecoder('utf-16le').decode(bytes(0x3d, 0xd8)), '\ufffd');
    equal(new TextDecoder('utf-16le').decode(bytes(0x00, 0xde, 0x61, 0)), '\ufffda');
    equal(new TextDecoder('utf-16le').decode(bytes(0x61, 0, 0x62)), 'a\ufffd');
    throws(() => new TextDecoder('utf-16le', { fatal: true }).decode(bytes(0x3d, 0xd8)), TypeError);
    const decoder = new TextDecoder('utf-16le');
    let text = '';
    for (const byte of [0x61, 0, 0x3d, 0xd8, 0x00, 0xde]) text += decoder.decode(bytes(byte), { stream: true });
    equal(text + decoder.decode(), 'a😀');
});
for (const label of ['latin1', 'iso-8859-1', 'ascii', 'us-ascii', 'windows-1252']) {
    test(`TextDecoder takes ${label} as windows-1252`, () => {
        const decoder = new TextDecoder(label);
        equal(decoder.encoding, 'windows-1252');
        equal(decoder.decode(bytes(0x61, 0xe9, 0xff)), 'aéÿ');
    });
}
