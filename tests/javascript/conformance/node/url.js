// url and querystring.
const assert = require('assert');
const url = require('url');
const querystring = require('querystring');

const plain = (parsed) =>
    Object.fromEntries(
        Object.keys(parsed).map((key) => [
            key,
            parsed[key] !== null && typeof parsed[key] === 'object' ? { ...parsed[key] } : parsed[key],
        ]),
    );

test('the classes are the global ones', () => {
    assert.strictEqual(url.URL, URL);
    assert.strictEqual(url.URLSearchParams, URLSearchParams);
});
test('parse of all parts', () => {
    assert.deepStrictEqual(plain(url.parse('HTTP://user:pass@Example.COM:8080/p/a?q=s&t#hash')), {
        protocol: 'http:',
        slashes: true,
        auth: 'user:pass',
        host: 'example.com:8080',
        port: '8080',
        hostname: 'example.com',
        hash: '#hash',
        search: '?q=s&t',
        query: 'q=s&t',
        pathname: '/p/a',
        path: '/p/a?q=s&t',
        href: 'http://user:pass@example.com:8080/p/a?q=s&t#hash',
    });
});
for (const [input, expected] of [
    ['/a/b?c=d#e', { pathname: '/a/b', search: '?c=d', hash: '#e', host: null, href: '/a/b?c=d#e' }],
    ['http://a.com', { pathname: '/', path: '/', href: 'http://a.com/' }],
    ['?q', { search: '?q', query: 'q', pathname: null }],
    ['mailto:a@b.c', { protocol: 'mailto:', auth: 'a', host: 'b.c' }],
    ['http://[::1]:80/', { hostname: '::1', host: '[::1]:80' }],
    ['http://ex.com\\a', { pathname: '/a' }],
    [' http://a.com/x y ', { href: 'http://a.com/x%20y' }],
    ['javascript:alert(1)', { protocol: 'javascript:', pathname: 'alert(1)' }],
    ['file:///a', { host: '', pathname: '/a' }],
    ['http://münchen.de/', { host: 'xn--mnchen-3ya.de' }],
]) {
    test(`parse ${input}`, () => {
        const parsed = url.parse(input);
        for (const key of Object.keys(expected)) assert.strictEqual(parsed[key], expected[key], key);
    });
}
test('parse with the query parsed, and with slashes for the host', () => {
    assert.deepStrictEqual({ ...url.parse('/a?x=1&x=2', true).query }, { x: ['1', '2'] });
    assert.strictEqual(url.parse('//host/p', false, true).host, 'host');
    assert.strictEqual(url.parse('//host/p').host, null);
    assert.throws(() => url.parse(5), { code: 'ERR_INVALID_ARG_TYPE' });
});
for (const [input, expected] of [
    [{ protocol: 'http', host: 'a.com', pathname: 'x', query: { a: [1, 2] } }, 'http://a.com/x?a=1&a=2'],
    [{ hostname: 'h', port: 1, protocol: 'https:' }, 'https://h:1'],
    [{ pathname: '/a?b', search: 'c', hash: 'd' }, '/a%3Fb?c#d'],
    [{ protocol: 'http:', hostname: '::1' }, 'http://[::1]'],
    ['http://a.com/b c', 'http://a.com/b%20c'],
]) {
    test(`format to ${expected}`, () => assert.strictEqual(url.format(input), expected));
}
test('format of a URL', () => {
    const whole = new URL('https://u:p@example.com/a?b#c');
    assert.strictEqual(url.format(whole), whole.href);
    assert.strictEqual(url.format(whole, { auth: false, fragment: false, search: false }), 'https://example.com/a');
});
for (const [from, to, expected] of [
    ['/one/two/three', 'four', '/one/two/four'],
    ['http://example.com/', '/one', 'http://example.com/one'],
    ['http://a.com/b/c', '../d', 'http://a.com/d'],
    ['one/two', 'three', 'one/three'],
    ['http://a.com/x?y', '?z', 'http://a.com/x?z'],
]) {
    test(`resolve ${from} ${to}`, () => assert.strictEqual(url.resolve(from, to), expected));
}
test('fileURLToPath', () => {
    assert.strictEqual(url.fileURLToPath('file:///a/b%20c'), '/a/b c');
    assert.strictEqual(url.fileURLToPath(new URL('file:///x')), '/x');
    assert.throws(() => url.fileURLToPath('http://x'), { code: 'ERR_INVALID_URL_SCHEME' });
    assert.throws(() => url.fileURLToPath('file:///a%2fb'), { code: 'ERR_INVALID_FILE_URL_PATH' });
    assert.throws(() => url.fileURLToPath('file://host/x'), { code: 'ERR_INVALID_FILE_URL_HOST' });
});
test('pathToFileURL', () => {
    assert.strictEqual(url.pathToFileURL('/a b/c#d?e%').href, 'file:///a%20b/c%23d%3Fe%25');
    assert.strictEqual(url.pathToFileURL('/x/').href, 'file:///x/');
});
test('domainToASCII and domainToUnicode', () => {
    assert.strictEqual(url.domainToASCII('español.com'), 'xn--espaol-zwa.com');
    assert.strictEqual(url.domainToUnicode('xn--espaol-zwa.com'), 'español.com');
});
test('urlToHttpOptions', () => {
    const options = url.urlToHttpOptions(new URL('https://a:b@test.com:81/x?y#z'));
    assert.strictEqual(options.hostname, 'test.com');
    assert.strictEqual(options.port, 81);
    assert.strictEqual(options.path, '/x?y');
    assert.strictEqual(options.auth, 'a:b');
    assert.strictEqual(options.protocol, 'https:');
});

for (const [input, expected] of [
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a', { a: '' }],
    ['=b', { '': 'b' }],
    ['a=%20+x', { a: '  x' }],
    ['a=%zz', { a: '%zz' }],
    ['a=b=c', { a: 'b=c' }],
    ['&&a=1&', { a: '1' }],
    ['', {}],
    ['%61=1', { a: '1' }],
]) {
    test(`querystring.parse ${input}`, () => assert.deepStrictEqual({ ...querystring.parse(input) }, expected));
}
test('querystring.parse with separators and a limit', () => {
    assert.deepStrictEqual({ ...querystring.parse('a:1;b:2', ';', ':') }, { a: '1', b: '2' });
    assert.deepStrictEqual(Object.keys(querystring.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 })), ['a', 'b']);
});
test('querystring.stringify', () => {
    assert.strictEqual(
        querystring.stringify({ a: 1, b: 'x y', c: [1, 2], d: null, e: undefined, f: true, g: NaN }),
        'a=1&b=x%20y&c=1&c=2&d=&e=&f=true&g=',
    );
    assert.strictEqual(querystring.stringify({ a: 'ü', b: 2 }, ';', ':'), 'a:%C3%BC;b:2');
    assert.strictEqual(querystring.stringify(null), '');
});
test('querystring.escape and unescape', () => {
    assert.strictEqual(querystring.escape("a b&c=d'"), "a%20b%26c%3Dd'");
    assert.strictEqual(querystring.unescape('a%20b'), 'a b');
    assert.strictEqual(querystring.unescape('%zz'), '%zz');
});
test('punycode', () => {
    const punycode = require('punycode/'.slice(0, 8));
    assert.strictEqual(punycode.encode('mañana'), 'maana-pta');
    assert.strictEqual(punycode.decode('maana-pta'), 'mañana');
    assert.strictEqual(punycode.encode('☃-⌘'), '--dqo34k');
    assert.strictEqual(punycode.toASCII('mañana.com'), 'xn--maana-pta.com');
    assert.deepStrictEqual(punycode.ucs2.decode('a😀'), [0x61, 0x1f600]);
});
