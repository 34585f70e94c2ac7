// http.request against a real server: `ECHO_URL` is the base URL of tests/javascript/echo.mjs.
const assert = require('assert');
const http = require('http');

const base = process.env.ECHO_URL?.replace(/\/$/, '');

function testHttp(name, run) {
    if (base) test(`http: ${name}`, run);
    else test(`http: ${name} (skipped: ECHO_URL names no server)`, () => {});
}

async function textOf(response) {
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
}

function send(path, options = {}, body = undefined) {
    return new Promise((resolve, reject) => {
        const request = http.request(`${base}${path}`, options, resolve);
        request.on('error', reject);
        request.end(body);
    });
}

testHttp('get', async () => {
    const response = await new Promise((resolve) => http.get(`${base}/echo?a=b`, resolve));
    assert.strictEqual(response.statusCode, 200);
    assert.strictEqual(response.statusMessage, 'OK');
    assert.strictEqual(response.headers['content-type'], 'application/json');
    assert.strictEqual(response.httpVersion, '1.1');
    const echoed = JSON.parse(await textOf(response));
    assert.strictEqual(echoed.method, 'GET');
    assert.strictEqual(echoed.path, '/echo?a=b');
    assert.strictEqual(response.complete, true);
});
testHttp('a body in parts, and headers', async () => {
    const { hostname, port } = new URL(base);
    const response = await new Promise((resolve, reject) => {
        const request = http.request({
            hostname,
            port,
            path: '/echo',
            method: 'post',
            auth: 'user:pass',
            headers: { 'X-One': '1', 'Content-Type': 'text/plain' },
        });
        request.setHeader('x-two', ['a', 'b']);
        request.on('response', resolve).on('error', reject);
        request.write('hello ');
        request.write(Buffer.from('wörld'));
        request.end('!');
    });
    const { method, headers, body } = JSON.parse(await textOf(response));
    const field = (name) => headers.filter(([key]) => key === name).map(([, value]) => value);
    assert.strictEqual(method, 'POST');
    assert.strictEqual(body, 'hello wörld!');
    assert.deepStrictEqual(field('x-one'), ['1']);
    assert.deepStrictEqual(field('x-two').join(', '), 'a, b');
    assert.deepStrictEqual(field('authorization'), ['Basic dXNlcjpwYXNz']);
});
testHttp("redirects are the caller's to follow", async () => {
    const response = await send('/redirect/302?to=/echo');
    assert.strictEqual(response.statusCode, 302);
    assert.strictEqual(response.headers.location, '/echo');
    response.resume();
});
testHttp('cookies are an array, other fields are joined', async () => {
    const response = await send('/cookies');
    assert.deepStrictEqual(response.headers['set-cookie'], ['a=1', 'b=2']);
    assert.strictEqual(response.headers['x-twice'], '1, 2');
    response.resume();
});
testHttp('large bodies and pipelines', async () => {
    const { pipeline } = require('stream/promises');
    let length = 0;
    await pipeline(await send('/bytes/300000'), async (source) => {
        for await (const chunk of source) length += chunk.length;
    });
    assert.strictEqual(length, 300000);
});
testHttp('setEncoding and data events', async () => {
    const response = await send('/pieces');
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk) => {
        text += chunk;
    });
    await new Promise((resolve) => response.on('end', resolve));
    assert.strictEqual(text, 'onetwothree');
});
testHttp('an error status is no error', async () => {
    const response = await send('/status/404');
    assert.strictEqual(response.statusCode, 404);
    assert.strictEqual(await textOf(response), 'status 404');
});
testHttp('a server that is not there', async () => {
    await assert.rejects(
        new Promise((resolve, reject) => http.get('http://127.0.0.1:1/', resolve).on('error', reject)),
        (error) => typeof error.code === 'string',
    );
});
testHttp('destroy before the answer', async () => {
    const request = http.get(`${base}/hang`);
    const error = await new Promise((resolve) => {
        request.on('error', resolve);
        setTimeout(() => request.destroy(new Error('enough')), 5);
    });
    assert.strictEqual(error.message, 'enough');
});
testHttp('abort and a signal', async () => {
    const request = http.get(`${base}/hang`);
    setTimeout(() => request.abort(), 5);
    const error = await new Promise((resolve) => request.on('error', resolve));
    assert.strictEqual(error.code, 'ECONNRESET');
    assert.strictEqual(request.aborted, true);
    const controller = new AbortController();
    const second = http.get(`${base}/hang`, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    assert.strictEqual((await new Promise((resolve) => second.on('error', resolve))).name, 'AbortError');
});
testHttp('timeout', async () => {
    const request = http.get(`${base}/hang`, { timeout: 5 });
    request.on('error', () => {});
    await new Promise((resolve) => request.on('timeout', resolve));
    request.destroy();
});
testHttp('the socket event', async () => {
    const request = http.get(`${base}/status/200`);
    const socket = await new Promise((resolve) => request.on('socket', resolve));
    assert.strictEqual(socket.setKeepAlive(true, 1000), socket);
    (await new Promise((resolve) => request.on('response', resolve))).resume();
});
test('http: what cannot be requested', () => {
    assert.throws(() => http.request('ftp://x/'), { code: 'ERR_INVALID_PROTOCOL' });
    assert.throws(() => http.request({ path: '/a b' }), { code: 'ERR_UNESCAPED_CHARACTERS' });
    assert.throws(() => http.request({ method: 'not a method' }), { code: 'ERR_INVALID_HTTP_TOKEN' });
});
