// File API: Blob and File.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const bytesOf = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];

test('Blob of nothing', async () => {
    same([new Blob().size, new Blob().type, new Blob([]).size], [0, '', 0]);
    equal(await new Blob().text(), '');
});
test('Blob of all kinds of parts', async () => {
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    const blob = new Blob(['a', buffer, new Uint8Array(buffer, 1, 2), new Blob(['é']), 12, new DataView(buffer, 3)]);
    same(await bytesOf(blob), [0x61, 1, 2, 3, 4, 2, 3, 0xc3, 0xa9, 0x31, 0x32, 4]);
    equal(blob.size, 12);
});
test('Blob of an iterable', async () => equal(await new Blob(new Set(['a', 'b'])).text(), 'ab'));
test('Blob copies the bytes', async () => {
    const bytes = new Uint8Array([1]);
    const blob = new Blob([bytes]);
    bytes[0] = 9;
    same(await bytesOf(blob), [1]);
    new Uint8Array(await blob.arrayBuffer())[0] = 7;
    same(await bytesOf(blob), [1]);
});
test('Blob refuses parts that are no list', () => {
    throws(() => new Blob('abc'), TypeError);
    throws(() => new Blob({}), TypeError);
    throws(() => new Blob(null), TypeError);
    throws(() => new Blob([], 1), TypeError);
});
test('Blob type is in lower case, or empty', () => {
    equal(new Blob([], { type: 'Text/PLAIN;a=B' }).type, 'text/plain;a=b');
    equal(new Blob([], { type: 'té' }).type, '');
    equal(new Blob([], { type: null }).type, 'null');
});
testExceptNode('Node 20 leaves a lone CR', 'Blob endings', async () => {
    equal(await new Blob(['a\r\nb\rc\n'], { endings: 'native' }).text(), 'a\nb\nc\n');
    equal(await new Blob(['a\r\nb'], { endings: 'transparent' }).text(), 'a\r\nb');
    throws(() => new Blob([], { endings: 'x' }), TypeError);
});
for (const [from, to, expected] of [
    [undefined, undefined, 'abcdef'],
    [2, undefined, 'cdef'],
    [2, 4, 'cd'],
    [-2, undefined, 'ef'],
    [-4, -2, 'cd'],
    [4, 2, ''],
    [0, 100, 'abcdef'],
]) {
    test(`Blob.slice(${from}, ${to})`, async () => {
        const slice = new Blob(['abc', 'def'], { type: 'a/b' }).slice(from, to);
        same([await slice.text(), slice.size, slice.type], [expected, expected.length, '']);
    });
}
testExceptNode('Node 20 aborts', 'Blob.slice takes fractions', async () => {
    equal(await new Blob(['abcdef']).slice(1.9, 3.9).text(), 'bc');
    equal(await new Blob(['abcdef']).slice(NaN, 2).text(), 'ab');
});
test('Blob.slice takes a type', () => equal(new Blob(['a'], { type: 'a/b' }).slice(0, 1, 'X/y').type, 'x/y'));
test('Blob.slice of a slice', async () => equal(await new Blob(['abcdef']).slice(1, 5).slice(1, 3).text(), 'cd'));
test('Blob.text decodes UTF-8', async () => {
    equal(await new Blob([new Uint8Array([0xc3, 0xa9, 0xff])]).text(), 'é\ufffd');
});
test('Blob.stream gives the bytes', async () => {
    const pieces = [];
    for await (const chunk of new Blob(['abc', 'é']).stream()) {
        ok(chunk instanceof Uint8Array);
        pieces.push(...chunk);
    }
    same(pieces, [0x61, 0x62, 0x63, 0xc3, 0xa9]);
});
test('Blob.stream of a large blob', async () => {
    let size = 0;
    for await (const chunk of new Blob([new Uint8Array(300000)]).stream()) size += chunk.length;
    equal(size, 300000);
});
test('Blob has its class string', () => equal(Object.prototype.toString.call(new Blob()), '[object Blob]'));
test('File has a name and a date', async () => {
    const before = Date.now();
    const file = new File(['abc'], 'ä.txt', { type: 'text/plain' });
    ok(file instanceof Blob);
    same([file.name, file.type, file.size, await file.text()], ['ä.txt', 'text/plain', 3, 'abc']);
    ok(file.lastModified >= before && file.lastModified <= Date.now());
    equal(new File([], 'n', { lastModified: 12 }).lastModified, 12);
    equal(new File([], 'n', { lastModified: new Date(13) }).lastModified, 13);
});
test('File needs a name', () => throws(() => new File(['a']), TypeError));
test('File.slice is a Blob', () => {
    const slice = new File(['abc'], 'n').slice(1);
    ok(slice instanceof Blob && !(slice instanceof File));
});
