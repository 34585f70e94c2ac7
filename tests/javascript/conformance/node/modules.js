// The modules that packages load, and what they say when they cannot work.
const assert = require('assert');
const moduleApi = require('module');

const inHearth = process.versions.hearth !== undefined;
function here(name, run) {
    test(inHearth ? name : `${name} (not looked at: this is Node.js)`, inHearth ? run : () => {});
}

for (const name of [
    'assert',
    'assert/strict',
    'async_hooks',
    'buffer',
    'child_process',
    'cluster',
    'console',
    'constants',
    'crypto',
    'dgram',
    'diagnostics_channel',
    'dns',
    'dns/promises',
    'domain',
    'events',
    'fs',
    'fs/promises',
    'http',
    'http2',
    'https',
    'inspector',
    'module',
    'net',
    'os',
    'path',
    'path/posix',
    'path/win32',
    'perf_hooks',
    'process',
    'punycode',
    'querystring',
    'readline',
    'readline/promises',
    'stream',
    'stream/consumers',
    'stream/promises',
    'stream/web',
    'string_decoder',
    'timers',
    'timers/promises',
    'tls',
    'trace_events',
    'tty',
    'url',
    'util',
    'util/types',
    'v8',
    'vm',
    'worker_threads',
    'zlib',
]) {
    test(`require('${name}') and node:${name}`, () => {
        const plain = require(name);
        assert(plain !== null && (typeof plain === 'object' || typeof plain === 'function'));
        assert.strictEqual(require(`node:${name}`), plain);
        assert(moduleApi.builtinModules.includes(name));
    });
}
test('createRequire, isBuiltin', () => {
    const own = moduleApi.createRequire(__filename);
    assert.strictEqual(own('util'), require('util'));
    assert.strictEqual(moduleApi.isBuiltin('node:fs'), true);
    assert.strictEqual(moduleApi.isBuiltin('lodash'), false);
    assert.throws(() => moduleApi.createRequire('relative.js'), { code: 'ERR_INVALID_ARG_VALUE' });
});
test('http has its tables and classes', () => {
    const http = require('http');
    assert.strictEqual(http.STATUS_CODES[404], 'Not Found');
    assert(http.METHODS.includes('PATCH'));
    for (const name of ['Agent', 'ClientRequest', 'IncomingMessage', 'OutgoingMessage', 'Server', 'ServerResponse']) {
        assert.strictEqual(typeof http[name], 'function', name);
    }
    assert(http.globalAgent instanceof http.Agent);
    assert(require('https').globalAgent instanceof http.Agent);
    http.validateHeaderName('X-Fine');
    assert.throws(() => http.validateHeaderName('no good'), { code: 'ERR_INVALID_HTTP_TOKEN' });
    assert.throws(() => http.validateHeaderValue('x', 'a\nb'), { code: 'ERR_INVALID_CHAR' });
});
test('http.IncomingMessage can be made', () => {
    const message = new (require('http').IncomingMessage)();
    assert.deepStrictEqual(message.headers, {});
    assert(message instanceof require('stream').Readable);
});
test('http.ServerResponse keeps headers', () => {
    const { ServerResponse } = require('http');
    const response = new ServerResponse({ method: 'GET' });
    response.setHeader('X-Test', 'a');
    response.statusCode = 201;
    assert.strictEqual(response.getHeader('x-test'), 'a');
    assert.deepStrictEqual({ ...response.getHeaders() }, { 'x-test': 'a' });
    assert.deepStrictEqual(response.getHeaderNames(), ['x-test']);
    response.appendHeader('X-Test', 'b');
    assert.deepStrictEqual(response.getHeader('X-Test'), ['a', 'b']);
    response.removeHeader('X-TEST');
    assert.strictEqual(response.hasHeader('x-test'), false);
});
test('net tells addresses', () => {
    const net = require('net');
    for (const [text, kind] of [
        ['127.0.0.1', 4],
        ['255.255.255.255', 4],
        ['256.1.1.1', 0],
        ['1.2.3', 0],
        ['::1', 6],
        ['::', 6],
        ['2001:db8::ff00:42:8329', 6],
        ['::ffff:1.2.3.4', 6],
        ['1::2::3', 0],
        ['12345::', 0],
        ['1:2:3:4:5:6:7:8', 6],
        ['1:2:3:4:5:6:7', 0],
        ['x', 0],
    ]) {
        assert.strictEqual(net.isIP(text), kind, text);
    }
    assert.strictEqual(net.isIPv4('1.2.3.4'), true);
    assert.strictEqual(net.isIPv6('1.2.3.4'), false);
});
test('classes that packages extend at load', () => {
    class Socket extends require('net').Socket {}
    class Agent extends require('https').Agent {}
    assert.strictEqual(typeof Socket, 'function');
    assert.strictEqual(new Agent({ keepAlive: true }).keepAlive, true);
});
for (const [module, name, instead] of [
    ['net', 'connect', /fetch/],
    ['tls', 'connect', /fetch/],
    ['child_process', 'spawn', /processes/],
    ['child_process', 'execSync', /processes/],
    ['dgram', 'createSocket', /fetch/],
    ['zlib', 'gzipSync', /pako/],
    ['http2', 'connect', /fetch/],
    ['dns', 'lookup', /fetch/],
    ['readline', 'createInterface', /terminal/],
    ['vm', 'createContext', /context/],
    ['crypto', 'createCipheriv', /noble/],
    ['fs', 'watch', /change/],
]) {
    here(`${module}.${name} says what to do instead`, () => {
        assert.throws(
            () => require(module)[name](),
            (error) =>
                error.code === 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' &&
                error.message.startsWith(`${module}.${name} is not available`) &&
                instead.test(error.message),
        );
    });
}
test('worker_threads and cluster', () => {
    assert.strictEqual(require('worker_threads').isMainThread, true);
    assert.strictEqual(require('worker_threads').parentPort, null);
    assert.strictEqual(require('cluster').isPrimary, true);
});
here('worker_threads.Worker cannot be started', () =>
    assert.throws(() => new (require('worker_threads').Worker)('x.js'), /one thread/),
);
test('diagnostics_channel', () => {
    const { channel, subscribe, hasSubscribers, tracingChannel } = require('diagnostics_channel');
    const seen = [];
    const listener = (message, name) => seen.push([message, name]);
    subscribe('hearth:test', listener);
    assert.strictEqual(hasSubscribers('hearth:test'), true);
    channel('hearth:test').publish({ a: 1 });
    assert.deepStrictEqual(seen, [[{ a: 1 }, 'hearth:test']]);
    channel('hearth:test').unsubscribe(listener);
    assert.strictEqual(channel('hearth:test').hasSubscribers, false);
    const names = [];
    const tracing = tracingChannel('hearth');
    tracing.subscribe({ start: () => names.push('start'), end: () => names.push('end') });
    assert.strictEqual(
        tracing.traceSync(() => 5),
        5,
    );
    assert.deepStrictEqual(names, ['start', 'end']);
});
test('vm runs in this context', () => {
    const vm = require('vm');
    assert.strictEqual(vm.runInThisContext('1 + 1'), 2);
    assert.strictEqual(new vm.Script('2 + 2').runInThisContext(), 4);
    assert.throws(() => new vm.Script('not a script'), SyntaxError);
});
test('perf_hooks', () => {
    const { performance } = require('perf_hooks');
    assert.strictEqual(performance, globalThis.performance);
    assert(performance.now() >= 0);
});
test('zlib takes apart what gzip and deflate made', async () => {
    const zlib = require('zlib');
    const gzip = Buffer.from('H4sIAAAAAAAAA8tIzcnJVyjPL8pJUUisSixKAwDN1P8JEQAAAA==', 'base64');
    const deflate = Buffer.from('eJzLSM3JyVcozy/KSVFIrEosSgMAOzMGkQ==', 'base64');
    const raw = deflate.subarray(2, deflate.length - 4);
    assert.strictEqual(zlib.inflateRawSync(raw).toString(), 'hello world azarf');
    assert.strictEqual(zlib.inflateSync(deflate).toString(), 'hello world azarf');
    const text = await new Promise((resolve, reject) =>
        zlib.gunzip(gzip, (error, value) => (error ? reject(error) : resolve(value.toString()))),
    );
    assert.strictEqual(text, 'hello world azarf');
    const { Readable } = require('stream');
    assert.strictEqual(
        Buffer.concat(
            await Readable.from([gzip.subarray(0, 9), gzip.subarray(9)])
                .pipe(zlib.createGunzip())
                .toArray(),
        ).toString(),
        'hello world azarf',
    );
    assert.throws(() => zlib.gunzipSync(Buffer.from('no gzip, and long enough for a header')), {
        code: 'Z_DATA_ERROR',
    });
    assert.throws(() => zlib.inflateSync(deflate.subarray(0, 8)), { code: 'Z_BUF_ERROR' });
    assert.strictEqual(zlib.constants.Z_SYNC_FLUSH, 2);
});
test('MessageChannel delivers clones later', async () => {
    const { port1, port2 } = new MessageChannel();
    const { MessagePort } = require('worker_threads');
    assert(port1 instanceof MessagePort);
    const sent = { a: [1] };
    let early = true;
    const there = new Promise((resolve) => {
        port2.onmessage = ({ data }) => resolve([early, data]);
    });
    const back = new Promise((resolve) => {
        port1.on('message', (value) => resolve([early, value]));
    });
    port1.postMessage(sent);
    sent.a.push(2);
    port2.postMessage('back');
    early = false;
    assert.deepStrictEqual(await there, [false, { a: [1] }]);
    assert.deepStrictEqual(await back, [false, 'back']);
    port1.close();
    assert.throws(() => new MessagePort(), TypeError);
});
test('a server can be made and asked by hand', () => {
    const http = require('http');
    const seen = [];
    const server = http.createServer((request, response) => seen.push(request, response));
    assert(server instanceof http.Server);
    server.emit('request', 1, 2);
    assert.deepStrictEqual(seen, [1, 2]);
    assert.strictEqual(server.listening, false);
    server.close();
});
here('a server cannot listen', () =>
    assert.throws(() => require('https').createServer().listen(80), {
        code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
        message: /^Listening on a port is not available .* HTTP triggers/,
    }));
