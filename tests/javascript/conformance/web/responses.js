// Fetch Standard 5.5: Response, and what bodies do (5.2, 5.3).
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const encode = (text) => new TextEncoder().encode(text);

test('Response has its defaults', async () => {
    const response = new Response();
    same([response.status, response.statusText, response.ok, response.type], [200, '', true, 'default']);
    same([response.url, response.redirected, response.body, response.bodyUsed], ['', false, null, false]);
    same([...response.headers], []);
    equal(await response.text(), '');
    equal(Object.prototype.toString.call(response), '[object Response]');
});
test('Response takes status, statusText and headers', () => {
    const response = new Response('x', { status: 404, statusText: 'Not Here', headers: { a: 'b' } });
    same([response.status, response.statusText, response.ok, response.headers.get('a')], [404, 'Not Here', false, 'b']);
});
for (const status of [200, 204, 299, 300, 599]) {
    test(`Response status ${status}`, () => {
        const response = new Response(null, { status });
        same([response.status, response.ok], [status, status < 300]);
    });
}
for (const status of [0, 100, 199, 600, 1000, -1, 'x']) {
    test(`Response refuses status ${status}`, () => throws(() => new Response(null, { status }), RangeError));
}
for (const status of [204, 205, 304]) {
    test(`Response ${status} has no body`, () => {
        throws(() => new Response('', { status }), TypeError);
        equal(new Response(null, { status }).body, null);
    });
}
test('Response refuses line breaks in statusText', () => {
    throws(() => new Response(null, { statusText: 'a\nb' }), TypeError);
    throws(() => new Response(null, { statusText: '€' }), TypeError);
});
test('Response has no setters', () => throws(() => (new Response().status = 201), TypeError));

for (const [name, body, type, text] of [
    ['a string', 'é', 'text/plain;charset=UTF-8', 'é'],
    ['an empty string', '', 'text/plain;charset=UTF-8', ''],
    ['bytes', encode('a'), null, 'a'],
    ['a buffer', encode('b').buffer, null, 'b'],
    ['parameters', new URLSearchParams({ a: '1' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=1'],
    ['a blob', new Blob(['x'], { type: 'a/b' }), 'a/b', 'x'],
    ['a stream', ReadableStream.from([encode('s'), encode('t')]), null, 'st'],
    ['an object', { toString: () => 'o' }, 'text/plain;charset=UTF-8', 'o'],
    ['undefined', undefined, null, ''],
    ['null', null, null, ''],
]) {
    test(`Response with ${name} as body`, async () => {
        const response = new Response(body);
        equal(response.headers.get('content-type'), type);
        equal(await response.text(), text);
    });
}
test('Response with an async iterable as body, as in Node', async () => {
    async function* pieces() {
        yield encode('a');
        yield encode('b');
    }
    equal(await new Response(pieces()).text(), 'ab');
});
test('Response keeps a content type given', () => {
    equal(new Response('x', { headers: { 'content-type': 'a/b' } }).headers.get('content-type'), 'a/b');
});
test('Response copies headers given', () => {
    const headers = new Headers({ a: 'b' });
    const response = new Response('x', { headers });
    equal(headers.has('content-type'), false);
    response.headers.set('a', 'c');
    equal(headers.get('a'), 'b');
});

test('Response.json', async () => {
    const response = Response.json({ a: [1, 'é'] }, { status: 201, headers: { b: 'c' } });
    same(
        [response.status, response.headers.get('content-type'), response.headers.get('b')],
        [201, 'application/json', 'c'],
    );
    same(await response.json(), { a: [1, 'é'] });
    equal(Response.json(1, { headers: { 'content-type': 'x/y' } }).headers.get('content-type'), 'x/y');
    throws(() => Response.json(undefined), TypeError);
    throws(() => Response.json(() => {}), TypeError);
    throws(() => Response.json(), TypeError);
    throws(() => Response.json({}, { status: 204 }), TypeError);
});
test('Response.error', () => {
    const response = Response.error();
    same([response.type, response.status, response.ok, response.body], ['error', 0, false, null]);
    throws(() => response.headers.set('a', 'b'), TypeError);
});
test('Response.redirect', () => {
    const response = Response.redirect('http://h.example/ä');
    same([response.status, response.headers.get('location')], [302, 'http://h.example/%C3%A4']);
    for (const status of [301, 302, 303, 307, 308]) equal(Response.redirect('http://h.example', status).status, status);
    for (const status of [200, 304, 309, 404]) throws(() => Response.redirect('http://h.example', status), RangeError);
    throws(() => Response.redirect('/relative'), TypeError);
    throws(() => response.headers.set('a', 'b'), TypeError);
});

test('a body is read once', async () => {
    const response = new Response('x');
    equal(response.bodyUsed, false);
    const reading = response.text();
    equal(response.bodyUsed, true);
    equal(await reading, 'x');
    for (const method of ['text', 'json', 'arrayBuffer', 'blob', 'formData'])
        await rejects(response[method](), TypeError);
    throws(() => response.clone(), TypeError);
});
test('json', async () => {
    same(await new Response('{"a":[1,null]}').json(), { a: [1, null] });
    same(await new Response('\ufeff{"a":1}').json(), { a: 1 });
    await rejects(new Response('{').json(), SyntaxError);
    await rejects(new Response('').json(), SyntaxError);
});
test('text strips a byte order mark and replaces what is malformed', async () => {
    equal(await new Response('\ufeffa').text(), 'a');
    equal(await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])).text(), 'a\ufffd');
    equal(await new Response('\ud800').text(), '\ufffd');
});
test('arrayBuffer', async () => {
    const buffer = await new Response('é').arrayBuffer();
    ok(buffer instanceof ArrayBuffer);
    same([...new Uint8Array(buffer)], [0xc3, 0xa9]);
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    same([...new Uint8Array(await new Response(part).arrayBuffer())], [2, 3]);
});
test('blob', async () => {
    const blob = await new Response('x', { headers: { 'content-type': 'a/B' } }).blob();
    same([blob.type, await blob.text()], ['a/b', 'x']);
    equal((await new Response(encode('x')).blob()).type, '');
});
testExceptNode('Node 20 has no bytes', 'bytes', async () => {
    same([...(await new Response('é').bytes())], [0xc3, 0xa9]);
    equal((await new Response().bytes()).length, 0);
});
test('reading a body whose stream is locked', async () => {
    const response = new Response('x');
    response.body.getReader();
    await rejects(response.text(), TypeError);
    equal(response.bodyUsed, false);
    throws(() => response.clone(), TypeError);
});
test('body is a stream of bytes', async () => {
    const response = new Response('aé');
    ok(response.body instanceof ReadableStream);
    equal(response.body, response.body);
    const chunks = [];
    for await (const chunk of response.body) chunks.push(...chunk);
    same(chunks, [0x61, 0xc3, 0xa9]);
    equal(response.bodyUsed, true);
});
test('body after it was read', async () => {
    const response = new Response('x');
    await response.text();
    ok(response.body instanceof ReadableStream);
    equal(response.bodyUsed, true);
    throws(() => response.body.getReader(), TypeError);
});
test('body given as a stream is that stream', () => {
    const stream = new ReadableStream();
    equal(new Response(stream).body, stream);
});
test('a stream of other things than bytes', async () => {
    await rejects(new Response(ReadableStream.from(['text'])).text(), TypeError);
    await rejects(new Response(ReadableStream.from([1])).arrayBuffer(), TypeError);
});
test('a stream that fails', async () => {
    const error = new Error('x');
    await rejects(
        new Response(new ReadableStream({ pull: () => Promise.reject(error) })).text(),
        (caught) => caught === error,
    );
});
test('a stream that fails is seen before a wrong type', async () => {
    const error = new Error('x');
    const stream = new ReadableStream({ pull: () => Promise.reject(error) });
    await rejects(new Response(stream).formData(), (caught) => caught === error);
});
test('a stream of many chunks', async () => {
    const chunk = encode('0123456789');
    const stream = new ReadableStream({
        start(controller) {
            for (let index = 0; index < 20000; index++) controller.enqueue(chunk);
            controller.close();
        },
    });
    equal((await new Response(stream).arrayBuffer()).byteLength, 200000);
});
test('clone of a complete body', async () => {
    const response = new Response('x', { status: 201, statusText: 's', headers: { a: 'b' } });
    const clone = response.clone();
    same([clone.status, clone.statusText, clone.headers.get('a')], [201, 's', 'b']);
    same([await response.text(), response.bodyUsed, clone.bodyUsed], ['x', true, false]);
    equal(await clone.text(), 'x');
});
test('clone of bytes keeps the two apart', async () => {
    const response = new Response(encode('ab'));
    const clone = response.clone();
    new Uint8Array(await response.arrayBuffer())[0] = 0;
    equal(await clone.text(), 'ab');
});
test('clone of a stream', async () => {
    const response = new Response(ReadableStream.from([encode('a'), encode('b')]));
    const clone = response.clone();
    same(await Promise.all([response.text(), clone.text()]), ['ab', 'ab']);
});
test('clone without a body', () => equal(new Response().clone().body, null));
test('clone after body was looked at', async () => {
    const response = new Response('x');
    void response.body;
    const clone = response.clone();
    same([await clone.text(), await response.text()], ['x', 'x']);
});
test('pipeThrough from a response', async () => {
    let text = '';
    for await (const piece of new Response('aé').body.pipeThrough(new TextDecoderStream())) text += piece;
    equal(text, 'aé');
});
test('canceling a body', async () => {
    let reason;
    const response = new Response(new ReadableStream({ cancel: (given) => void (reason = given) }));
    await response.body.cancel('r');
    same([reason, response.bodyUsed], ['r', true]);
});
