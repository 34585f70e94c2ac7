// URL Standard: parsing, the parts of a URL, their setters and the link to searchParams.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

function testWhere(present, reason, name, run) {
    if (present) test(name, run);
    else test(`${name} (skipped: ${reason})`, () => {});
}

const PARTS = 'protocol username password host hostname port pathname search hash origin'.split(' ');

function parts(href, base) {
    const url = new URL(href, base);
    return PARTS.map((part) => url[part]);
}

// What is parsed, and its parts in the order above.
const PARSED = [
    ['http://example.com', ['http:', '', '', 'example.com', 'example.com', '', '/', '', '', 'http://example.com']],
    [
        'https://user:pass@example.com:8080/a/b?c=d#e',
        [
            'https:',
            'user',
            'pass',
            'example.com:8080',
            'example.com',
            '8080',
            '/a/b',
            '?c=d',
            '#e',
            'https://example.com:8080',
        ],
    ],
    ['http://example.com:80/', ['http:', '', '', 'example.com', 'example.com', '', '/', '', '', 'http://example.com']],
    [
        'HTTPS://EXAMPLE.com/%7Ea',
        ['https:', '', '', 'example.com', 'example.com', '', '/%7Ea', '', '', 'https://example.com'],
    ],
    ['mailto:someone@example.com', ['mailto:', '', '', '', '', '', 'someone@example.com', '', '', 'null']],
    ['data:text/plain,hi#x', ['data:', '', '', '', '', '', 'text/plain,hi', '', '#x', 'null']],
    ['file:///a/b.txt', ['file:', '', '', '', '', '', '/a/b.txt', '', '', 'null']],
    ['http://[::1]:3000/x', ['http:', '', '', '[::1]:3000', '[::1]', '3000', '/x', '', '', 'http://[::1]:3000']],
    ['http://192.168.0.1/', ['http:', '', '', '192.168.0.1', '192.168.0.1', '', '/', '', '', 'http://192.168.0.1']],
    ['http://0x7f.1/', ['http:', '', '', '127.0.0.1', '127.0.0.1', '', '/', '', '', 'http://127.0.0.1']],
    ['http://a/?', ['http:', '', '', 'a', 'a', '', '/', '', '', 'http://a']],
];
for (const [href, expected] of PARSED) test(`URL parses ${href}`, () => same(parts(href), expected));

// Input, base, href.
const RESOLVED = [
    ['b', 'http://h/a/c', 'http://h/a/b'],
    ['../b', 'http://h/a/c/d', 'http://h/a/b'],
    ['/b', 'http://h/a/c', 'http://h/b'],
    ['//other/b', 'https://h/a', 'https://other/b'],
    ['?q', 'http://h/a?x#y', 'http://h/a?q'],
    ['#f', 'http://h/a?x#y', 'http://h/a?x#f'],
    ['', 'http://h/a?x#y', 'http://h/a?x'],
    ['./../../../b', 'http://h/a/', 'http://h/b'],
    ['a\\b', 'http://h/', 'http://h/a/b'],
    ['  http://h/a  ', undefined, 'http://h/a'],
    ['ht\ntp://h/\ta', undefined, 'http://h/a'],
    ['http://h/a b', undefined, 'http://h/a%20b'],
    ['http://h/ä?ü#ö', undefined, 'http://h/%C3%A4?%C3%BC#%C3%B6'],
    ['http://h/a/./b/../c', undefined, 'http://h/a/c'],
    ['http://h/%2e%2E/b', undefined, 'http://h/b'],
    ["http://h/?'", undefined, 'http://h/?%27'],
    ["foo:/?'", undefined, "foo:/?'"],
    ['http://h/\ud800', undefined, 'http://h/%EF%BF%BD'],
    ['http://faß.example/', undefined, 'http://xn--fa-hia.example/'],
];
for (const [input, base, href] of RESOLVED) {
    test(`URL resolves ${JSON.stringify(input)} against ${base}`, () => equal(new URL(input, base).href, href));
}

for (const input of [
    '',
    'a',
    '//h',
    'http://',
    'http://a b/',
    'http://h:99999/',
    'http://[::1',
    'http://%00/',
    'https://#',
]) {
    test(`URL refuses ${JSON.stringify(input)}`, () => {
        throws(
            () => new URL(input),
            (error) => error instanceof TypeError && error.code === 'ERR_INVALID_URL' && error.input === input,
        );
        equal(URL.canParse(input), false);
    });
}

test('URL refuses a relative URL with a base that is none', () => throws(() => new URL('a', 'b'), TypeError));
test('URL needs new', () => throws(() => URL('http://h'), TypeError));
test('URL needs an argument', () => throws(() => new URL(), TypeError));
test('URL takes an object with toString', () => equal(new URL({ toString: () => 'http://h/x' }).href, 'http://h/x'));
test('URL takes a URL as base', () => equal(new URL('b', new URL('http://h/a')).href, 'http://h/b'));
test('URL.canParse', () => {
    equal(URL.canParse('http://h'), true);
    equal(URL.canParse('x', 'http://h'), true);
    equal(URL.canParse('x', 'y'), false);
});
testWhere(typeof URL.parse === 'function', 'URL.parse is not there', 'URL.parse', () => {
    equal(URL.parse('b', 'http://h/a').href, 'http://h/b');
    equal(URL.parse('nothing'), null);
});
test('URL has a string form and a JSON form', () => {
    const url = new URL('http://h/a?b');
    equal(String(url), 'http://h/a?b');
    equal(JSON.stringify({ url }), '{"url":"http://h/a?b"}');
    equal(Object.prototype.toString.call(url), '[object URL]');
});

// Start, part, value, href afterwards.
const SET = [
    ['http://h/a', 'protocol', 'https', 'https://h/a'],
    ['http://h/a', 'protocol', 'mailto', 'http://h/a'],
    ['http://h/a', 'username', 'a b', 'http://a%20b@h/a'],
    ['http://u@h/a', 'password', 'p:w', 'http://u:p%3Aw@h/a'],
    ['http://h/a', 'host', 'x:81', 'http://x:81/a'],
    ['http://h:81/a', 'hostname', 'x', 'http://x:81/a'],
    ['http://h/a', 'hostname', '', 'http://h/a'],
    ['http://h/a', 'port', '8080', 'http://h:8080/a'],
    ['http://h:81/a', 'port', '', 'http://h/a'],
    ['http://h:81/a', 'port', '80', 'http://h/a'],
    ['http://h/a', 'port', '90x', 'http://h:90/a'],
    ['http://h/a', 'port', 'x', 'http://h/a'],
    ['http://h/a', 'pathname', 'b c', 'http://h/b%20c'],
    ['http://h/a', 'pathname', '?', 'http://h/%3F'],
    ['http://h/a?b', 'search', 'c', 'http://h/a?c'],
    ['http://h/a?b', 'search', '?c#d', 'http://h/a?c%23d'],
    ['http://h/a?b', 'search', '', 'http://h/a'],
    ['http://h/a', 'hash', 'x', 'http://h/a#x'],
    ['http://h/a#x', 'hash', '', 'http://h/a'],
    ['mailto:a', 'host', 'x', 'mailto:a'],
    ['http://h/a', 'href', 'https://x', 'https://x/'],
];
for (const [start, part, value, href] of SET) {
    test(`URL ${start}: ${part} = ${JSON.stringify(value)}`, () => {
        const url = new URL(start);
        url[part] = value;
        equal(url.href, href);
    });
}

test('URL href refuses what is no URL and stays', () => {
    const url = new URL('http://h/a');
    throws(() => (url.href = 'nothing'), TypeError);
    equal(url.href, 'http://h/a');
});
test('URL origin and searchParams cannot be set', () => {
    const url = new URL('http://h/a');
    throws(() => (url.origin = 'http://x'), TypeError);
    throws(() => (url.searchParams = ''), TypeError);
});
test('URL searchParams is one object', () => {
    const url = new URL('http://h/?a=1');
    equal(url.searchParams, url.searchParams);
});
test('URL searchParams changes the URL', () => {
    const url = new URL('http://h/?a=1#f');
    url.searchParams.append('b', 'ü &');
    equal(url.href, 'http://h/?a=1&b=%C3%BC+%26#f');
    url.searchParams.set('a', '2');
    equal(url.search, '?a=2&b=%C3%BC+%26');
    url.searchParams.delete('a');
    url.searchParams.delete('b');
    equal(url.href, 'http://h/#f');
});
test('URL search and href change searchParams', () => {
    const url = new URL('http://h/?a=1');
    const params = url.searchParams;
    url.search = '?c=3';
    same([...params], [['c', '3']]);
    url.href = 'http://h/?d=4';
    same([...params], [['d', '4']]);
    url.search = '';
    equal(params.size, 0);
});
test('URL searchParams sorts in place', () => {
    const url = new URL('http://h/?b=1&a=2');
    url.searchParams.sort();
    equal(url.href, 'http://h/?a=2&b=1');
});
test('URL parts are enumerable on the prototype', () => {
    const seen = [];
    for (const key in new URL('http://h')) seen.push(key);
    for (const part of [...PARTS, 'href', 'searchParams', 'toString', 'toJSON']) ok(seen.includes(part), part);
});
test('URL parts need a URL', () => {
    const { get } = Object.getOwnPropertyDescriptor(URL.prototype, 'href');
    throws(() => get.call({}), TypeError);
});
