// URL Standard, chapter 5 and 6.2: application/x-www-form-urlencoded and URLSearchParams.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws } = require('assert');

const all = (init) => [...new URLSearchParams(init)];

const PARSED = [
    ['', []],
    ['?', []],
    [
        'a=1&b=2',
        [
            ['a', '1'],
            ['b', '2'],
        ],
    ],
    ['?a=1', [['a', '1']]],
    ['??a=1', [['?a', '1']]],
    ['a', [['a', '']]],
    ['=b', [['', 'b']]],
    ['=', [['', '']]],
    ['&&a=1&&', [['a', '1']]],
    ['a=b=c', [['a', 'b=c']]],
    ['a+b=c+d', [['a b', 'c d']]],
    ['a%20b=%26', [['a b', '&']]],
    ['a=%zz', [['a', '%zz']]],
    ['a=%', [['a', '%']]],
    ['a=%e4%f6', [['a', '\ufffd\ufffd']]],
    ['a=%C3%A4', [['a', 'ä']]],
    ['a=%ef%bb%bfb', [['a', '\ufeffb']]],
    ['a=%zz%C3%A4', [['a', '%zzä']]],
    ['ä=€', [['ä', '€']]],
    ['a=\ud800', [['a', '\ufffd']]],
];
for (const [query, pairs] of PARSED)
    test(`URLSearchParams parses ${JSON.stringify(query)}`, () => same(all(query), pairs));

const WRITTEN = [
    [
        [
            ['a', '1'],
            ['b', '2'],
        ],
        'a=1&b=2',
    ],
    [[['a b', 'c&d']], 'a+b=c%26d'],
    [[['ä', '€😀']], '%C3%A4=%E2%82%AC%F0%9F%98%80'],
    [[['a', "!'()~"]], 'a=%21%27%28%29%7E'],
    [[['a', '*-._']], 'a=*-._'],
    [[['a', '+%']], 'a=%2B%25'],
    [[['', '']], '='],
    [[['a', '\n\0']], 'a=%0A%00'],
];
for (const [pairs, query] of WRITTEN) {
    test(`URLSearchParams writes ${query}`, () => equal(new URLSearchParams(pairs).toString(), query));
}

test('URLSearchParams of nothing', () => same(all(), []));
test('URLSearchParams of null is empty, as in Node', () => same(all(null), []));
test('URLSearchParams of a record', () =>
    same(all({ b: 2, a: 'x' }), [
        ['b', '2'],
        ['a', 'x'],
    ]));
test('URLSearchParams of a record takes own enumerable keys', () => {
    const record = Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true } });
    same(all(record), [['shown', '2']]);
});
test('URLSearchParams of a Map', () => same(all(new Map([['a', 1]])), [['a', '1']]));
test('URLSearchParams of URLSearchParams is a copy', () => {
    const first = new URLSearchParams('a=1');
    const second = new URLSearchParams(first);
    first.append('b', '2');
    same([...second], [['a', '1']]);
});
test('URLSearchParams refuses entries that are no pairs', () => {
    throws(() => new URLSearchParams([['a']]), TypeError);
    throws(() => new URLSearchParams([['a', 'b', 'c']]), TypeError);
    throws(() => new URLSearchParams([1]), TypeError);
});
test('URLSearchParams refuses symbols', () => throws(() => new URLSearchParams().append(Symbol('x'), 'y'), TypeError));
test('URLSearchParams needs its arguments', () => {
    const params = new URLSearchParams();
    throws(() => params.get(), TypeError);
    throws(() => params.append('a'), TypeError);
    throws(() => params.set('a'), TypeError);
    throws(() => params.has(), TypeError);
    throws(() => params.delete(), TypeError);
});
test('URLSearchParams get, getAll, has', () => {
    const params = new URLSearchParams('a=1&a=2&b=');
    equal(params.get('a'), '1');
    equal(params.get('b'), '');
    equal(params.get('c'), null);
    same(params.getAll('a'), ['1', '2']);
    same(params.getAll('c'), []);
    equal(params.has('b'), true);
    equal(params.has('c'), false);
});
test('URLSearchParams has and delete look at a value too', () => {
    const params = new URLSearchParams('a=1&a=2&b=1');
    equal(params.has('a', '2'), true);
    equal(params.has('a', '3'), false);
    equal(params.has('a', undefined), true);
    params.delete('a', '1');
    equal(String(params), 'a=2&b=1');
    params.delete('b', undefined);
    equal(String(params), 'a=2');
});
test('URLSearchParams set replaces the first and drops the rest', () => {
    const params = new URLSearchParams('a=1&b=2&a=3');
    params.set('a', 4);
    equal(String(params), 'a=4&b=2');
    params.set('c', 5);
    equal(String(params), 'a=4&b=2&c=5');
});
test('URLSearchParams delete', () => {
    const params = new URLSearchParams('a=1&b=2&a=3');
    params.delete('a');
    equal(String(params), 'b=2');
});
test('URLSearchParams sort is stable and by code units', () => {
    const params = new URLSearchParams('z=1&\ufffd=2&a=3&😀=4&a=0');
    params.sort();
    same([...params.keys()], ['a', 'a', 'z', '😀', '\ufffd']);
    same(params.getAll('a'), ['3', '0']);
});
test('URLSearchParams size', () => equal(new URLSearchParams('a=1&a=2&b=3').size, 3));
test('URLSearchParams iterates keys, values, entries', () => {
    const params = new URLSearchParams('a=1&b=2');
    same([...params.keys()], ['a', 'b']);
    same([...params.values()], ['1', '2']);
    same(
        [...params.entries()],
        [
            ['a', '1'],
            ['b', '2'],
        ],
    );
    equal(URLSearchParams.prototype[Symbol.iterator], URLSearchParams.prototype.entries);
});
test('URLSearchParams iteration is live', () => {
    const params = new URLSearchParams('a=1&b=2&c=3');
    const seen = [];
    for (const [name] of params) {
        seen.push(name);
        params.delete('b');
    }
    same(seen, ['a', 'c']);
});
test('URLSearchParams forEach', () => {
    const params = new URLSearchParams('a=1&b=2');
    const seen = [];
    const receiver = {};
    params.forEach(function (value, name, object) {
        seen.push([name, value, object === params, this === receiver]);
    }, receiver);
    same(seen, [
        ['a', '1', true, true],
        ['b', '2', true, true],
    ]);
    throws(() => params.forEach(), TypeError);
});
test('URLSearchParams iterators have their class string', () => {
    const iterator = new URLSearchParams('a=1')[Symbol.iterator]();
    equal(Object.prototype.toString.call(iterator), '[object URLSearchParams Iterator]');
    equal(iterator[Symbol.iterator](), iterator);
    same(Object.keys(iterator.next()).sort(), ['done', 'value']);
    same(iterator.next(), { value: undefined, done: true });
});
