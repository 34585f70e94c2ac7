// `HttpRequest` of '@azure/functions': the same from the npm package and from Hearth's own.
const assert = require('assert');
const { HttpRequest } = require('@azure/functions');

function request(body, headers = {}) {
    return new HttpRequest({
        method: 'POST',
        url: 'http://app.localhost/api/things/7?name=Ada%20L&flag=',
        headers,
        query: { name: 'Ada L', flag: '' },
        params: { id: '7' },
        body,
    });
}

test('method, url, headers, query and params', () => {
    const given = request({ string: 'x' }, { 'X-One': '1', accept: 'a, b' });
    assert.strictEqual(given.method, 'POST');
    assert.strictEqual(given.url, 'http://app.localhost/api/things/7?name=Ada%20L&flag=');
    assert.strictEqual(given.headers.get('x-one'), '1');
    assert.strictEqual(given.headers.get('Accept'), 'a, b');
    assert.strictEqual(given.headers.get('none'), null);
    assert.ok(given.query instanceof URLSearchParams);
    assert.deepStrictEqual(
        [...given.query],
        [
            ['name', 'Ada L'],
            ['flag', ''],
        ],
    );
    assert.deepStrictEqual(given.params, { id: '7' });
});

test('the url is normalised, and is where the query comes from when nothing else says it', () => {
    const given = new HttpRequest({ method: 'GET', url: 'http://APP.localhost/a/../b?x=1&x=2&y=%20' });
    assert.strictEqual(given.url, 'http://app.localhost/b?x=1&x=2&y=%20');
    assert.deepStrictEqual(given.query.getAll('x'), ['1', '2']);
    assert.strictEqual(given.query.get('y'), ' ');
    assert.deepStrictEqual(given.params, {});
});

test('nullable maps win', () => {
    const given = new HttpRequest({
        method: 'GET',
        url: 'http://app.localhost/',
        nullableHeaders: { 'x-a': { value: '1' }, 'x-b': {} },
        nullableQuery: { q: { value: '' } },
        nullableParams: { p: { value: 'v' } },
    });
    assert.strictEqual(given.headers.get('x-a'), '1');
    assert.strictEqual(given.headers.get('x-b'), '');
    assert.strictEqual(given.query.get('q'), '');
    assert.deepStrictEqual(given.params, { p: 'v' });
});

test('text', async () => {
    assert.strictEqual(await request({ string: 'grün 𝒳' }).text(), 'grün 𝒳');
    assert.strictEqual(await request({ bytes: Buffer.from('grün') }).text(), 'grün');
    assert.strictEqual(await request({ bytes: Buffer.from([0x61, 0xff, 0x62]) }).text(), 'a\ufffdb');
    assert.strictEqual(await request({ bytes: Buffer.from([0xef, 0xbb, 0xbf, 0x61]) }).text(), 'a', 'byte order mark');
    assert.strictEqual(await request(undefined).text(), '');
});

test('json', async () => {
    assert.deepStrictEqual(await request({ string: '{"a":[1,null]}' }).json(), { a: [1, null] });
    await assert.rejects(request({ string: 'no json' }).json(), SyntaxError);
    await assert.rejects(request(undefined).json(), SyntaxError);
});

test('arrayBuffer and blob', async () => {
    const bytes = Buffer.from([0, 1, 255]);
    const buffer = await request({ bytes }).arrayBuffer();
    assert.ok(buffer instanceof ArrayBuffer);
    assert.deepStrictEqual([...new Uint8Array(buffer)], [0, 1, 255]);
    const blob = await request({ bytes }, { 'content-type': 'image/png' }).blob();
    assert.strictEqual(blob.size, 3);
    assert.strictEqual(blob.type, 'image/png');
});

test('formData', async () => {
    const type = 'application/x-www-form-urlencoded';
    const form = await request({ string: 'a=1&b=x%20y&a=2' }, { 'content-type': type }).formData();
    assert.deepStrictEqual(form.getAll('a'), ['1', '2']);
    assert.strictEqual(form.get('b'), 'x y');

    const boundary = '----x';
    const parts = [
        `--${boundary}\r\ncontent-disposition: form-data; name="text"\r\n\r\nhello\r\n`,
        `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n`,
        `content-type: text/plain\r\n\r\ncontent\r\n--${boundary}--\r\n`,
    ];
    const multipart = `multipart/form-data; boundary=${boundary}`;
    const both = await request({ string: parts.join('') }, { 'content-type': multipart }).formData();
    assert.strictEqual(both.get('text'), 'hello');
    assert.strictEqual(both.get('file').name, 'a.txt');
    assert.strictEqual(await both.get('file').text(), 'content');
});

test('body is a stream', async () => {
    const { body } = request({ string: 'streamed' });
    assert.ok(body instanceof ReadableStream);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
    assert.strictEqual(text, 'streamed');
    assert.strictEqual(request(undefined).body, null);
});

test('a body is read once', async () => {
    const given = request({ string: 'once' });
    assert.strictEqual(given.bodyUsed, false);
    await given.text();
    assert.strictEqual(given.bodyUsed, true);
    await assert.rejects(given.text(), TypeError);
    await assert.rejects(given.json(), TypeError);
    await assert.rejects(given.arrayBuffer(), TypeError);
    await assert.rejects(given.blob(), TypeError);
    await assert.rejects(given.formData(), TypeError);
    assert.throws(() => given.clone(), TypeError);
});

test('no body can be read again', async () => {
    const given = request(undefined);
    assert.strictEqual(await given.text(), '');
    assert.strictEqual(await given.text(), '');
    assert.strictEqual(given.bodyUsed, false);
});

test('clone', async () => {
    const given = request({ string: 'twice' }, { 'x-a': '1' });
    const copy = given.clone();
    assert.ok(copy instanceof HttpRequest);
    assert.strictEqual(await given.text(), 'twice');
    assert.strictEqual(await copy.text(), 'twice');
    assert.strictEqual(copy.headers.get('x-a'), '1');
    assert.deepStrictEqual(copy.params, { id: '7' });
    assert.strictEqual(copy.query.get('name'), 'Ada L');
});

test('GET and HEAD have no body', async () => {
    for (const method of ['GET', 'HEAD']) {
        const given = new HttpRequest({ method, url: 'http://app.localhost/', body: { string: 'dropped' } });
        assert.strictEqual(await given.text(), '');
        assert.strictEqual(given.body, null);
    }
});

test('headers of a request can be changed', () => {
    const given = request(undefined, { a: '1' });
    given.headers.set('b', '2');
    given.headers.delete('a');
    assert.deepStrictEqual([...given.headers], [['b', '2']]);
});

function signedIn(principal, headers = {}) {
    const text = typeof principal === 'string' ? principal : JSON.stringify(principal);
    return request(undefined, { 'x-ms-client-principal': Buffer.from(text).toString('base64'), ...headers });
}

test('the user of App Service', () => {
    const principal = { auth_typ: 'aad', claims: [{ typ: 'name', val: 'Ada' }] };
    const given = signedIn(principal, {
        'x-ms-client-principal-id': 'id-1',
        'x-ms-client-principal-name': 'Ada',
        'x-ms-client-principal-idp': 'aad',
    });
    assert.deepStrictEqual(given.user, {
        type: 'AppService',
        id: 'id-1',
        username: 'Ada',
        identityProvider: 'aad',
        claimsPrincipalData: principal,
    });
    assert.strictEqual(given.user, given.user, 'made once');
});

test('the user of Static Web Apps', () => {
    const principal = { identityProvider: 'github', userId: '42', userDetails: 'ada', userRoles: ['anonymous'] };
    assert.deepStrictEqual(signedIn(principal).user, {
        type: 'StaticWebApps',
        id: '42',
        username: 'ada',
        identityProvider: 'github',
        claimsPrincipalData: principal,
    });
});

test('no user, or one that cannot be read', () => {
    assert.strictEqual(request(undefined).user, null);
    assert.strictEqual(signedIn('no json').user, null);
    assert.strictEqual(signedIn('[1]').user, null);
});
