// Fetch Standard 5.4: Request.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const URL_A = 'http://h.example/a?b=c';

test('Request has its defaults', () => {
    const request = new Request(URL_A);
    same([request.method, request.url, [...request.headers]], ['GET', URL_A, []]);
    same([request.body, request.bodyUsed], [null, false]);
    same(
        [request.redirect, request.mode, request.credentials, request.cache],
        ['follow', 'cors', 'same-origin', 'default'],
    );
    same([request.referrer, request.referrerPolicy, request.integrity], ['about:client', '', '']);
    same([request.keepalive, request.destination, request.duplex], [false, '', 'half']);
    ok(request.signal instanceof AbortSignal);
    equal(request.signal.aborted, false);
    equal(Object.prototype.toString.call(request), '[object Request]');
});
test('Request writes its URL in full', () => {
    equal(new Request('http://H.example').url, 'http://h.example/');
    equal(new Request(new URL('http://h.example/x y')).url, 'http://h.example/x%20y');
    equal(new Request('http://h.example/#f').url, 'http://h.example/#f');
});
test('Request refuses wrong URLs', () => {
    throws(() => new Request(), TypeError);
    throws(() => new Request('/relative'), TypeError);
    throws(() => new Request('http://user@h.example'), TypeError);
    throws(() => new Request('http://:pass@h.example'), TypeError);
});
for (const [given, kept] of [
    ['get', 'GET'],
    ['Post', 'POST'],
    ['put', 'PUT'],
    ['delete', 'DELETE'],
    ['head', 'HEAD'],
    ['options', 'OPTIONS'],
    ['PATCH', 'PATCH'],
    ['custom', 'custom'],
]) {
    test(`Request method ${given}`, () => equal(new Request(URL_A, { method: given }).method, kept));
}
for (const method of ['', 'a b', 'CONNECT', 'trace', 'Track', 'é']) {
    test(`Request refuses the method ${JSON.stringify(method)}`, () =>
        throws(() => new Request(URL_A, { method }), TypeError));
}
test('Request refuses a body for GET and HEAD', () => {
    throws(() => new Request(URL_A, { body: '' }), TypeError);
    throws(() => new Request(URL_A, { method: 'HEAD', body: 'x' }), TypeError);
});
for (const [name, body, type, text] of [
    ['a string', 'é', 'text/plain;charset=UTF-8', 'é'],
    ['a number', 12, 'text/plain;charset=UTF-8', '12'],
    ['bytes', new Uint8Array([0x61]), null, 'a'],
    ['a buffer', new Uint8Array([0x62]).buffer, null, 'b'],
    ['a view', new DataView(new Uint8Array([0x61, 0x62]).buffer, 1), null, 'b'],
    ['parameters', new URLSearchParams({ a: 'b c' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=b+c'],
    ['a blob', new Blob(['x'], { type: 'a/b' }), 'a/b', 'x'],
    ['a blob without type', new Blob(['x']), null, 'x'],
]) {
    test(`Request with ${name} as body`, async () => {
        const request = new Request(URL_A, { method: 'POST', body });
        equal(request.headers.get('content-type'), type);
        equal(await request.text(), text);
        equal(request.bodyUsed, true);
    });
}
test('Request keeps a content type given', () => {
    const request = new Request(URL_A, { method: 'POST', body: 'x', headers: { 'Content-Type': 'a/b' } });
    equal(request.headers.get('content-type'), 'a/b');
});
test('Request copies the bytes given', async () => {
    const body = new Uint8Array([0x61]);
    const request = new Request(URL_A, { method: 'POST', body });
    body[0] = 0x62;
    equal(await request.text(), 'a');
});
test('Request with a stream as body needs duplex', async () => {
    const body = () => ReadableStream.from([new TextEncoder().encode('x')]);
    throws(() => new Request(URL_A, { method: 'POST', body: body() }), TypeError);
    throws(() => new Request(URL_A, { method: 'POST', body: body(), duplex: 'x' }), TypeError);
    equal(await new Request(URL_A, { method: 'POST', body: body(), duplex: 'half' }).text(), 'x');
});
test('Request refuses a stream that is locked or was read', async () => {
    const locked = new ReadableStream();
    locked.getReader();
    throws(() => new Request(URL_A, { method: 'POST', body: locked, duplex: 'half' }), TypeError);
    const read = ReadableStream.from([]);
    const reader = read.getReader();
    await reader.read();
    reader.releaseLock();
    throws(() => new Request(URL_A, { method: 'POST', body: read, duplex: 'half' }), TypeError);
});
test('Request of a Request takes all of it', async () => {
    const first = new Request(URL_A, {
        method: 'POST',
        body: 'x',
        headers: { a: 'b' },
        redirect: 'manual',
        cache: 'no-store',
    });
    const second = new Request(first);
    same([second.method, second.url, second.headers.get('a')], ['POST', URL_A, 'b']);
    same([second.redirect, second.cache], ['manual', 'no-store']);
    equal(first.bodyUsed, true);
    equal(await second.text(), 'x');
    throws(() => new Request(first), TypeError);
});
test('Request of a Request leaves it its body, which is read', async () => {
    const first = new Request(URL_A, { method: 'POST', body: 'x' });
    const { body } = first;
    const second = new Request(first);
    equal(first.body, body);
    same([first.bodyUsed, body.locked, second.body === body], [true, true, false]);
    equal(await second.text(), 'x');
});
test('Request of a Request with a stream', async () => {
    const pieces = ['a', 'b'].map((piece) => new TextEncoder().encode(piece));
    const first = new Request(URL_A, { method: 'POST', body: ReadableStream.from(pieces), duplex: 'half' });
    const second = new Request(first);
    same([first.bodyUsed, second.bodyUsed], [true, false]);
    equal(await second.text(), 'ab');
});
test('Request of a Request with changes', async () => {
    const first = new Request(URL_A, { method: 'POST', body: 'x', headers: { a: 'b' } });
    const second = new Request(first, { body: 'y', headers: { c: 'd' }, method: 'PUT' });
    same([second.method, second.headers.get('a'), second.headers.get('c')], ['PUT', null, 'd']);
    equal(await second.text(), 'y');
    equal(first.bodyUsed, false);
    second.headers.set('a', 'z');
    equal(first.headers.get('a'), 'b');
});
test('Request of a Request that becomes a GET', () => {
    throws(() => new Request(new Request(URL_A, { method: 'POST', body: 'x' }), { method: 'GET' }), TypeError);
});
test('Request follows its signal', () => {
    const controller = new AbortController();
    const request = new Request(URL_A, { signal: controller.signal });
    let fired = 0;
    request.signal.addEventListener('abort', () => fired++);
    controller.abort('r');
    same([request.signal.aborted, request.signal.reason, fired], [true, 'r', 1]);
    equal(new Request(URL_A, { signal: AbortSignal.abort('a') }).signal.reason, 'a');
    equal(new Request(request).signal.aborted, true);
    equal(request.clone().signal.aborted, true);
});
test('Request takes null for no signal', () => {
    const request = new Request(new Request(URL_A, { signal: AbortSignal.abort() }), { signal: null });
    equal(request.signal.aborted, false);
    throws(() => new Request(URL_A, { signal: {} }), TypeError);
});
for (const key of ['redirect', 'mode', 'credentials', 'cache', 'referrerPolicy']) {
    test(`Request refuses an unknown ${key}`, () => throws(() => new Request(URL_A, { [key]: 'nonsense' }), TypeError));
}
test('Request clone', async () => {
    const request = new Request(URL_A, { method: 'POST', body: 'x', headers: { a: 'b' } });
    const clone = request.clone();
    clone.headers.set('a', 'c');
    same([clone.method, clone.url, request.headers.get('a')], ['POST', URL_A, 'b']);
    same([await request.text(), await clone.text()], ['x', 'x']);
    throws(() => request.clone(), TypeError);
});
test('Request body reads', async () => {
    const make = () => new Request(URL_A, { method: 'POST', body: '{"a":1}' });
    same(await make().json(), { a: 1 });
    equal((await make().arrayBuffer()).byteLength, 7);
    equal((await make().blob()).type, 'text/plain;charset=utf-8');
    const request = make();
    await request.text();
    await rejects(request.text(), TypeError);
    await rejects(request.json(), TypeError);
});
test('Request without a body reads empty', async () => {
    const request = new Request(URL_A);
    equal(await request.text(), '');
    equal(request.bodyUsed, false);
    equal(await request.text(), '');
    equal((await request.arrayBuffer()).byteLength, 0);
    await rejects(request.json(), SyntaxError);
});
test('Request can be extended', async () => {
    class Mine extends Request {
        get path() {
            return new URL(this.url).pathname;
        }
    }
    const request = new Mine(URL_A, { method: 'POST', body: 'x' });
    same([request.path, await request.text(), request instanceof Request], ['/a', 'x', true]);
});
test('Request attributes are enumerable on the prototype', () => {
    const seen = [];
    for (const key in new Request(URL_A)) seen.push(key);
    for (const key of ['method', 'url', 'headers', 'body', 'bodyUsed', 'signal', 'text', 'json', 'clone'])
        ok(seen.includes(key), key);
});
testExceptNode('Node 20 has no bytes', 'Request bytes', async () => {
    const bytes = await new Request(URL_A, { method: 'POST', body: 'é' }).bytes();
    ok(bytes instanceof Uint8Array);
    same([...bytes], [0xc3, 0xa9]);
});
