// XMLHttpRequest 4.3: FormData, and multipart/form-data by way of Response.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

function form(...entries) {
    const data = new FormData();
    for (const entry of entries) data.append(...entry);
    return data;
}

const roundTrip = (data) => new Response(data).formData();

function received(lines, boundary = 'xYz') {
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    return new Response(lines.join('\r\n'), { headers }).formData();
}

test('FormData get, getAll, has, delete', () => {
    const data = form(['a', '1'], ['b', '2'], ['a', '3']);
    equal(data.get('a'), '1');
    equal(data.get('x'), null);
    same(data.getAll('a'), ['1', '3']);
    equal(data.has('b'), true);
    data.delete('a');
    same([...data], [['b', '2']]);
});
test('FormData set replaces the first and drops the rest', () => {
    const data = form(['a', '1'], ['b', '2'], ['a', '3']);
    data.set('a', '4');
    data.set('c', 5);
    same(
        [...data],
        [
            ['a', '4'],
            ['b', '2'],
            ['c', '5'],
        ],
    );
});
test('FormData converts values', () => {
    same(
        [...form(['a', 1], ['b', null], ['c', {}])],
        [
            ['a', '1'],
            ['b', 'null'],
            ['c', '[object Object]'],
        ],
    );
});
test('FormData makes files of blobs', async () => {
    const data = form(['a', new Blob(['x'], { type: 't/u' })], ['b', new Blob(['y']), 'name.txt']);
    const file = data.get('a');
    ok(file instanceof File);
    same([file.name, file.type, await file.text()], ['blob', 't/u', 'x']);
    equal(data.get('b').name, 'name.txt');
});
test('FormData keeps files, or renames them', () => {
    const file = new File(['x'], 'n', { lastModified: 3 });
    const data = form(['a', file], ['b', file, 'other']);
    equal(data.get('a').name, 'n');
    same([data.get('b').name, data.get('b').lastModified], ['other', 3]);
});
test('FormData refuses a file name for text', () => throws(() => new FormData().append('a', 'b', 'c'), TypeError));
test('FormData needs its arguments', () => {
    throws(() => new FormData().append('a'), TypeError);
    throws(() => new FormData().set('a'), TypeError);
    throws(() => new FormData().get(), TypeError);
    throws(() => new FormData('x'), TypeError);
});
test('FormData iterates', () => {
    const data = form(['a', '1'], ['b', '2']);
    same([...data.keys()], ['a', 'b']);
    same([...data.values()], ['1', '2']);
    const seen = [];
    data.forEach((value, name) => seen.push([name, value]));
    same(seen, [
        ['a', '1'],
        ['b', '2'],
    ]);
    equal(Object.prototype.toString.call(data), '[object FormData]');
});

test('multipart: text goes there and back', async () => {
    const data = await roundTrip(form(['a', '1'], ['ä', '€ 😀'], ['a', ''], ['empty', '']));
    same(
        [...data],
        [
            ['a', '1'],
            ['ä', '€ 😀'],
            ['a', ''],
            ['empty', ''],
        ],
    );
});
test('multipart: files go there and back', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const data = await roundTrip(form(['f', new File([bytes], 'ä.bin', { type: 'application/x-thing' })], ['t', 'x']));
    const file = data.get('f');
    same([file.name, file.type, file.size], ['ä.bin', 'application/x-thing', 256]);
    same([...new Uint8Array(await file.arrayBuffer())], [...bytes]);
    equal(data.get('t'), 'x');
});
test('multipart: line breaks and quotes in names', async () => {
    const data = await roundTrip(form(['a"b\nc', '1'], ['f', new File([], 'q"u\r\no')]));
    same([...data.keys()], ['a"b\r\nc', 'f']);
    equal(data.get('f').name, 'q"u\r\no');
});
test('multipart: line breaks of text become CRLF', async () => {
    equal((await roundTrip(form(['a', 'x\ny\rz\r\n']))).get('a'), 'x\r\ny\r\nz\r\n');
});
test('multipart: a file without a type', async () => {
    equal((await roundTrip(form(['f', new Blob(['x'])]))).get('f').type, 'application/octet-stream');
});
test('multipart: content that looks like a boundary', async () => {
    const data = await roundTrip(form(['a', '--\r\n--x\r\n------'], ['f', new Blob(['\r\n--\r\n'])]));
    equal(data.get('a'), '--\r\n--x\r\n------');
    equal(await data.get('f').text(), '\r\n--\r\n');
});
test('multipart: as it is written', async () => {
    const response = new Response(form(['a', '1']));
    const [, boundary] = /^multipart\/form-data; boundary=(\S+)$/.exec(response.headers.get('content-type'));
    const body = await response.text();
    ok(body.startsWith(`--${boundary}\r\n`));
    ok(/content-disposition: form-data; name="a"\r\n\r\n1\r\n/i.test(body));
    ok(body.trimEnd().endsWith(`--${boundary}--`));
});
test('multipart: as others write it', async () => {
    const data = await received([
        '--xYz',
        'Content-Disposition: form-data; name="text"',
        '',
        'hello',
        '--xYz',
        'content-type: text/csv',
        'CONTENT-DISPOSITION: form-data; name="file"; filename="a.csv"',
        '',
        '1,2',
        '3,4',
        '--xYz--',
        '',
    ]);
    equal(data.get('text'), 'hello');
    const file = data.get('file');
    same([file.name, file.type, await file.text()], ['a.csv', 'text/csv', '1,2\r\n3,4']);
});
test('multipart: a quoted boundary', async () => {
    const data = await received(['--a b', 'Content-Disposition: form-data; name="x"', '', 'y', '--a b--', ''], '"a b"');
    equal(data.get('x'), 'y');
});
test('multipart: an empty file', async () => {
    const data = await received([
        '--xYz',
        'Content-Disposition: form-data; name="f"; filename=""',
        'Content-Type: application/octet-stream',
        '',
        '',
        '--xYz--',
        '',
    ]);
    same([data.get('f').name, data.get('f').size], ['', 0]);
});
testExceptNode('Node 20 wants a preamble of none', 'multipart: a preamble is skipped', async () => {
    const data = await received(['preamble', '--xYz', 'Content-Disposition: form-data; name="x"', '', 'y', '--xYz--']);
    equal(data.get('x'), 'y');
});
for (const [name, lines] of [
    ['no boundary in the body', ['nothing']],
    ['no end', ['--xYz', 'Content-Disposition: form-data; name="x"', '', 'y']],
    ['no name', ['--xYz', 'Content-Disposition: form-data', '', 'y', '--xYz--', '']],
    ['no disposition', ['--xYz', 'Content-Type: text/plain', '', 'y', '--xYz--', '']],
]) {
    test(`multipart: ${name} is refused`, () => rejects(received(lines), TypeError));
}
test('multipart: no boundary in the type is refused', () =>
    rejects(new Response('x', { headers: { 'content-type': 'multipart/form-data' } }).formData(), TypeError));
test('formData of a form with URL encoding', async () => {
    const data = await new Response(
        new URLSearchParams([
            ['a', 'x y'],
            ['ä', '&'],
        ]),
    ).formData();
    same(
        [...data],
        [
            ['a', 'x y'],
            ['ä', '&'],
        ],
    );
});
test('formData of a form with URL encoding keeps a byte order mark', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    same([...(await new Response('\ufeffa=\ufeffb', { headers }).formData())], [['\ufeffa', '\ufeffb']]);
});
test('formData of other types is refused', () => rejects(new Response('{}').formData(), TypeError));
