// Compression Standard: DecompressionStream.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects } = require('assert');

const TEXT = 'hello é '.repeat(20);
const COMPRESSED = {
    gzip: 'H4sIAAAAAAACA8tIzcnJVzi8UiFj6DAAraGRZbQAAAA=',
    deflate: 'eJzLSM3JyVc4vFIhY+gwAISiSwE=',
    'deflate-raw': 'y0jNyclXOLxSIWPoMAA=',
};

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function decompress(format, ...chunks) {
    const stream = ReadableStream.from(chunks).pipeThrough(new DecompressionStream(format));
    return new Response(stream).text();
}

for (const [format, base64] of Object.entries(COMPRESSED)) {
    test(`DecompressionStream of ${format}`, async () => equal(await decompress(format, bytesOf(base64)), TEXT));
    test(`DecompressionStream of ${format} in pieces`, async () => {
        equal(await decompress(format, ...Array.from(bytesOf(base64), (byte) => new Uint8Array([byte]))), TEXT);
    });
    test(`DecompressionStream of ${format} cut off`, () => rejects(decompress(format, bytesOf(base64).slice(0, -12))));
}
test('DecompressionStream of something else', () => rejects(decompress('gzip', new Uint8Array(40).fill(7))));
test('DecompressionStream checks its format', () => {
    throws(() => new DecompressionStream(), TypeError);
    throws(() => new DecompressionStream('x'), TypeError);
    throws(() => new DecompressionStream('__proto__'), TypeError);
});
test('DecompressionStream refuses text', () => rejects(decompress('gzip', 'text')));
test('DecompressionStream is a pair of streams', () => {
    const { readable, writable } = new DecompressionStream('gzip');
    same([readable instanceof ReadableStream, writable instanceof WritableStream], [true, true]);
});
