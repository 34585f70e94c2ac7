// `HttpResponse` of '@azure/functions'.
const assert = require('assert');
const { HttpResponse } = require('@azure/functions');

test('an empty response', async () => {
    const given = new HttpResponse();
    assert.strictEqual(given.status, 200);
    assert.deepStrictEqual([...given.headers], []);
    assert.strictEqual(given.body, null);
    assert.deepStrictEqual(given.cookies, []);
    assert.strictEqual(given.enableContentNegotiation, false);
    assert.strictEqual(await given.text(), '');
});

test('a text', async () => {
    const given = new HttpResponse({ status: 201, headers: { 'X-A': '1' }, body: 'grün' });
    assert.strictEqual(given.status, 201);
    assert.strictEqual(given.headers.get('x-a'), '1');
    assert.strictEqual(given.headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.strictEqual(await given.text(), 'grün');
    assert.strictEqual(given.bodyUsed, true);
    await assert.rejects(given.text(), TypeError);
});

test('jsonBody', async () => {
    const given = new HttpResponse({ jsonBody: { a: [1, null] } });
    assert.strictEqual(given.headers.get('content-type'), 'application/json');
    assert.deepStrictEqual(await given.json(), { a: [1, null] });
    const typed = new HttpResponse({
        jsonBody: 0,
        body: 'ignored',
        headers: { 'Content-Type': 'application/hal+json' },
    });
    assert.strictEqual(typed.headers.get('content-type'), 'application/hal+json');
    assert.strictEqual(await typed.text(), '0');
    assert.strictEqual(await new HttpResponse({ jsonBody: null, body: 'text' }).text(), 'text');
});

test('bytes, forms and streams', async () => {
    const bytes = new HttpResponse({ body: Buffer.from([1, 2]) });
    assert.strictEqual(bytes.headers.get('content-type'), null);
    assert.deepStrictEqual([...new Uint8Array(await bytes.arrayBuffer())], [1, 2]);
    const view = new HttpResponse({ body: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) });
    assert.deepStrictEqual([...new Uint8Array(await view.arrayBuffer())], [1, 2]);
    const form = new HttpResponse({ body: new URLSearchParams({ a: 'x y' }) });
    assert.strictEqual(form.headers.get('content-type'), 'application/x-www-form-urlencoded;charset=UTF-8');
    assert.strictEqual(await form.text(), 'a=x+y');
    const stream = new ReadableStream({
        start(controller) {
            controller.enqueue(new TextEncoder().encode('one '));
            controller.enqueue(new TextEncoder().encode('two'));
            controller.close();
        },
    });
    assert.strictEqual(await new HttpResponse({ body: stream }).text(), 'one two');
    const blob = await new HttpResponse({ body: new Blob(['b'], { type: 'text/x' }) }).blob();
    assert.strictEqual(blob.type, 'text/x');
});

test('headers in every form', () => {
    for (const headers of [
        { a: '1', b: '2' },
        [
            ['a', '1'],
            ['b', '2'],
        ],
        new Headers({ a: '1', b: '2' }),
    ]) {
        assert.deepStrictEqual(
            [...new HttpResponse({ headers }).headers],
            [
                ['a', '1'],
                ['b', '2'],
            ],
        );
    }
    const twice = new HttpResponse({
        headers: [
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
        ],
    });
    assert.deepStrictEqual(twice.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.throws(() => new HttpResponse({ headers: { 'bad name': '1' } }), TypeError);
});

test('a status outside of 200 to 599 is refused', () => {
    for (const status of [0, 199, 600, 1000]) assert.throws(() => new HttpResponse({ status }), RangeError);
    for (const status of [200, 404, 599]) assert.strictEqual(new HttpResponse({ status }).status, status);
});

test('statuses without a body have none', async () => {
    for (const status of [204, 205, 304]) {
        assert.strictEqual(await new HttpResponse({ status, body: 'x' }).text(), '');
        assert.strictEqual(await new HttpResponse({ status, jsonBody: {} }).text(), '');
    }
});

test('cookies and negotiation are kept as given', () => {
    const cookies = [{ name: 'a', value: '1', httpOnly: true }];
    const given = new HttpResponse({ cookies, enableContentNegotiation: true });
    assert.strictEqual(given.cookies, cookies);
    assert.strictEqual(given.enableContentNegotiation, true);
});

test('clone', async () => {
    const given = new HttpResponse({ status: 202, body: 'twice', headers: { a: '1' } });
    const copy = given.clone();
    assert.ok(copy instanceof HttpResponse);
    assert.strictEqual(copy.status, 202);
    assert.strictEqual(await copy.text(), 'twice');
    assert.strictEqual(await given.text(), 'twice');
});
