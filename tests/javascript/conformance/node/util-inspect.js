// util.inspect: the text that developers see in their logs.
const assert = require('assert');
const util = require('util');
const { inspect } = util;

class Foo {
    constructor() {
        this.a = 1;
    }
    get hidden() {
        return 1;
    }
}
class Bar extends Foo {}
const circular = { name: 'c' };
circular.self = circular;
const bare = Object.create(null);
bare.z = 1;
const namedFunction = Object.assign(function named() {}, { prop: 1 });

const cases = [
    [1, '1'],
    [-0, '-0'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
    [10n, '10n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    ['text', "'text'"],
    ["it's", '"it\'s"'],
    ['it\'s "x"', '`it\'s "x"`'],
    ['a\nb\\', "'a\\nb\\\\'"],
    ['\x01', "'\\x01'"],
    ['\ud83d\ude00', "'\ud83d\ude00'"],
    ['\ud83d', "'\\ud83d'"],
    [Symbol('s'), 'Symbol(s)'],
    [[], '[]'],
    [{}, '{}'],
    [[1, 'a', null], "[ 1, 'a', null ]"],
    [[1, , 3], '[ 1, <1 empty item>, 3 ]'],
    [new Array(3), '[ <3 empty items> ]'],
    [{ a: 1, 'b-c': 2, 3: 4 }, "{ '3': 4, a: 1, 'b-c': 2 }"],
    [{ [Symbol('k')]: 1 }, '{ [Symbol(k)]: 1 }'],
    [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: [Object] } } }'],
    [{ a: { b: { c: {} } } }, '{ a: { b: { c: {} } } }'],
    [[[[[1]]]], '[ [ [ [Array] ] ] ]'],
    [new Foo(), 'Foo { a: 1 }'],
    [new Bar(), 'Bar { a: 1 }'],
    [bare, '[Object: null prototype] { z: 1 }'],
    [new Map([[1, { a: 2 }]]), 'Map(1) { 1 => { a: 2 } }'],
    [new Set([1, 'a']), "Set(2) { 1, 'a' }"],
    [new Map(), 'Map(0) {}'],
    [new Set(), 'Set(0) {}'],
    [new WeakMap(), 'WeakMap { <items unknown> }'],
    [circular, "<ref *1> { name: 'c', self: [Circular *1] }"],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [/x/gi, '/x/gi'],
    [Foo, '[class Foo]'],
    [Bar, '[class Bar extends Foo]'],
    [class {}, '[class (anonymous)]'],
    [() => {}, '[Function (anonymous)]'],
    [function foo() {}, '[Function: foo]'],
    [namedFunction, '[Function: named] { prop: 1 }'],
    [async () => {}, '[AsyncFunction (anonymous)]'],
    [function* gen() {}, '[GeneratorFunction: gen]'],
    [(function* gen() {})(), 'Object [Generator] {}'],
    [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
    [new Float64Array(0), 'Float64Array(0) []'],
    [new BigInt64Array(1), 'BigInt64Array(1) [ 0n ]'],
    [new ArrayBuffer(2), 'ArrayBuffer { [Uint8Contents]: <00 00>, byteLength: 2 }'],
    [Promise.resolve(4), 'Promise { 4 }'],
    [new Promise(() => {}), 'Promise { <pending> }'],
    [Object(1), '[Number: 1]'],
    [Object('ab'), "[String: 'ab']"],
    [Object(true), '[Boolean: true]'],
    [
        {
            get a() {
                return 1;
            },
        },
        '{ a: [Getter] }',
    ],
    [{ set a(v) {} }, '{ a: [Setter] }'],
    [
        {
            get a() {
                return 1;
            },
            set a(v) {},
        },
        '{ a: [Getter/Setter] }',
    ],
    [{ f() {} }, '{ f: [Function: f] }'],
    [{ [Symbol.toStringTag]: 'T' }, "{ [Symbol(Symbol.toStringTag)]: 'T' }"],
    [Object.assign([1], { x: 2 }), '[ 1, x: 2 ]'],
    [new Proxy({ a: 1 }, {}), '{ a: 1 }'],
    [Object.create({}), '{}'],
    [{ a: 1n, b: Symbol.iterator }, '{ a: 1n, b: Symbol(Symbol.iterator) }'],
    [{ ['__proto__']: 1 }, "{ ['__proto__']: 1 }"],
    [new (class Empty {})(), 'Empty {}'],
    [[undefined, null], '[ undefined, null ]'],
    [Buffer.from('hi'), '<Buffer 68 69>'],
    [
        (function () {
            return arguments;
        })(1),
        "[Arguments] { '0': 1 }",
    ],
];
cases.forEach(([value, expected], i) => {
    test(`inspect ${i}: ${expected.replace(/\s+/g, ' ').slice(0, 60)}`, () =>
        assert.strictEqual(inspect(value), expected));
});

test('long arrays of numbers stand in columns', () => {
    assert.strictEqual(
        inspect(Array.from({ length: 27 }, (_, i) => i * 3)),
        `[
   0,  3,  6,  9, 12, 15, 18, 21,
  24, 27, 30, 33, 36, 39, 42, 45,
  48, 51, 54, 57, 60, 63, 66, 69,
  72, 75, 78
]`,
    );
});
test('arrays above 100 items are cut', () => assert(inspect(new Array(120).fill(7)).endsWith('... 20 more items\n]')));
test('sets and maps are cut as well', () =>
    assert(inspect(new Set(Array.from({ length: 101 }, (_, i) => i))).includes('... 1 more item')));
test('objects that are too long for a line', () => {
    assert.strictEqual(
        inspect({ first: 'x'.repeat(40), second: 'y'.repeat(40) }),
        `{\n  first: '${'x'.repeat(40)}',\n  second: '${'y'.repeat(40)}'\n}`,
    );
});
test('long strings with line ends are broken up inside objects', () => {
    assert.strictEqual(
        inspect({ s: `one\ntwo\n${'z'.repeat(80)}` }),
        `{\n  s: 'one\\n' +\n    'two\\n' +\n    '${'z'.repeat(80)}'\n}`,
    );
});
test('depth', () => {
    assert.strictEqual(inspect({ a: { b: 1 } }, { depth: 0 }), '{ a: [Object] }');
    assert.strictEqual(
        inspect({ a: { b: { c: { d: { e: 1 } } } } }, { depth: null, breakLength: Infinity, compact: 10 }),
        '{ a: { b: { c: { d: { e: 1 } } } } }',
    );
    assert.strictEqual(inspect({ a: [1] }, { depth: 0 }), '{ a: [Array] }');
    assert.strictEqual(inspect({ a: new Foo() }, false, 0), '{ a: [Foo] }');
});
test('compact false', () => assert.strictEqual(inspect({ a: [1] }, { compact: false }), '{\n  a: [\n    1\n  ]\n}'));
test('sorted', () => assert.strictEqual(inspect({ b: 1, a: 2 }, { sorted: true }), '{ a: 2, b: 1 }'));
test('getters', () =>
    assert.strictEqual(
        inspect(
            {
                get a() {
                    return 5;
                },
            },
            { getters: true },
        ),
        '{ a: [Getter: 5] }',
    ));
test('showHidden', () => assert.strictEqual(inspect([1], { showHidden: true }), '[ 1, [length]: 1 ]'));
test('maxArrayLength and maxStringLength', () => {
    assert.strictEqual(inspect([1, 2, 3], { maxArrayLength: 1 }), '[ 1, ... 2 more items ]');
    assert.strictEqual(inspect('abcdef', { maxStringLength: 3 }), "'abc'... 3 more characters");
});
test('colors', () => assert.strictEqual(inspect({ a: 1 }, { colors: true }), '{ a: \u001b[33m1\u001b[39m }'));
test('numericSeparator', () => assert.strictEqual(inspect(1234567.891, { numericSeparator: true }), '1_234_567.891'));
test('a custom method decides', () => {
    const calls = [];
    const value = {
        [inspect.custom](depth, options, given) {
            calls.push(depth, typeof options.stylize, given === inspect);
            return 'mine';
        },
    };
    assert.strictEqual(inspect({ value }), '{ value: mine }');
    assert.deepStrictEqual(calls, [1, 'function', true]);
    assert.strictEqual(inspect({ [inspect.custom]: () => ({ x: 1 }) }), '{ x: 1 }');
    assert.strictEqual(inspect.custom, Symbol.for('nodejs.util.inspect.custom'));
    assert.match(inspect(value, { customInspect: false }), /Symbol\(nodejs\.util\.inspect\.custom\)/);
});
test('errors show their stack', () => {
    const text = inspect(new TypeError('boo'));
    assert(text.startsWith('TypeError: boo\n    at '), text);
});
test('errors inside objects', () => assert.match(inspect({ e: new Error('boo') }), /^\{\n {2}e: Error: boo\n {6}at /));
test('errors with properties and cause', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E_CODE' });
    const text = inspect(error);
    assert(text.includes("code: 'E_CODE'"), text);
    assert(/\[cause\]: Error: inner\n/.test(text), text);
});
test('errors of own classes', () => {
    class ValidationError extends Error {}
    assert(inspect(new ValidationError('bad')).startsWith('ValidationError: bad\n'));
});
test('aggregate errors', () => {
    const text = inspect(new AggregateError([new Error('one')], 'all'));
    assert(text.startsWith('AggregateError: all\n'), text);
    assert(/\[errors\]: \[\n? *Error: one/.test(text), text);
});
test('an error without frames stands in brackets', () => {
    const error = new Error('plain');
    error.stack = 'Error: plain';
    assert.strictEqual(inspect(error), '[Error: plain]');
});
test('rejected promises', () => {
    const promise = Promise.reject(7);
    promise.catch(() => {});
    assert.strictEqual(inspect(promise), 'Promise { <rejected> 7 }');
});
test('a proxy that throws harms nobody', () => {
    // Node looks through the proxy at its target; here its traps are asked and may say nothing.
    const text = inspect(
        new Proxy(
            {},
            {
                ownKeys() {
                    throw new Error('trap');
                },
                get() {
                    throw new Error('trap');
                },
            },
        ),
    );
    assert(['{}', '<Proxy>'].includes(text), text);
});
test('default options can be set', () => {
    const before = { ...inspect.defaultOptions };
    inspect.defaultOptions = { depth: 0 };
    try {
        assert.strictEqual(inspect({ a: {} }), '{ a: {} }');
        assert.strictEqual(inspect({ a: { b: 1 } }), '{ a: [Object] }');
    } finally {
        inspect.defaultOptions = { depth: before.depth };
    }
});
test('circular structures of several levels', () => {
    const a = { list: [] };
    const b = { a };
    a.list.push(a, b);
    assert.strictEqual(inspect(a), '<ref *1> { list: [ [Circular *1], { a: [Circular *1] } ] }');
});
