// util: format, promisify, types and the functions that older packages still call.
const assert = require('assert');
const util = require('util');

for (const [values, expected] of [
    [['a %s b', 'x'], 'a x b'],
    [['%d', '42'], '42'],
    [['%d', 5n], '5n'],
    [['%i', 3.9], '3'],
    [['%f', '1.50'], '1.5'],
    [['%j', { a: [1] }], '{"a":[1]}'],
    [['%O', { a: { b: { c: 1 } } }], '{ a: { b: { c: 1 } } }'],
    [['%o', [1]], '[ 1, [length]: 1 ]'],
    [['%c', 'color: red'], ''],
    [['%%'], '%%'],
    [['%% %s', 1], '% 1'],
    [['%s'], '%s'],
    [['%s', undefined], 'undefined'],
    [['%s', null], 'null'],
    [['%s', Symbol('x')], 'Symbol(x)'],
    [['%s', -0], '-0'],
    [['%s', { a: { b: 1 } }], '{ a: [Object] }'],
    [['%s', [1, [2]]], '[ 1, [Array] ]'],
    [['%s', () => 1], '() => 1'],
    [
        [
            '%s',
            new (class A {
                toString() {
                    return 'own';
                }
            })(),
        ],
        'own',
    ],
    [['%d', {}], 'NaN'],
    [['%x', 1], '%x 1'],
    [['a', 'b', { c: 1 }], 'a b { c: 1 }'],
    [[1, '2', 3], '1 2 3'],
    [[{ a: 1 }, 'x'], '{ a: 1 } x'],
    [['100%', 1], '100% 1'],
    [[''], ''],
    [[], ''],
    [['%s %s', 'one'], 'one %s'],
    [['%s', 'a', 'b'], 'a b'],
    [['%s', 12345678901234567890n], '12345678901234567890n'],
    [['text'], 'text'],
    [[null], 'null'],
    [['%i', 'x'], 'NaN'],
    [['%s', new Date(0)], '1970-01-01T00:00:00.000Z'],
]) {
    test(`format ${values.map(String)}`, () => assert.strictEqual(util.format(...values), expected));
}
test('format of an error has its stack', () => assert.match(util.format(new Error('boo')), /^Error: boo\n {4}at /));
test('%s of an error', () => assert.match(util.format('%s', new Error('boo')), /Error: boo/));
test('%j of a circular object', () => {
    const value = {};
    value.self = value;
    assert.strictEqual(util.format('%j', value), '[Circular]');
});
test('formatWithOptions', () =>
    assert.strictEqual(util.formatWithOptions({ colors: true }, '%O', 1), '\u001b[33m1\u001b[39m'));

test('promisify', async () => {
    const add = util.promisify((a, b, callback) => callback(null, a + b));
    assert.strictEqual(await add(1, 2), 3);
    await assert.rejects(util.promisify((callback) => callback(new Error('no')))(), /no/);
    assert.throws(() => util.promisify(5), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('promisify keeps this and properties', async () => {
    const original = Object.assign(
        function (callback) {
            callback(null, this.x);
        },
        { prop: 1 },
    );
    const promised = util.promisify(original);
    assert.strictEqual(await promised.call({ x: 9 }), 9);
    assert.strictEqual(promised.prop, 1);
});
test('promisify.custom', async () => {
    const original = () => {};
    original[util.promisify.custom] = async () => 'custom';
    assert.strictEqual(await util.promisify(original)(), 'custom');
    assert.strictEqual(util.promisify.custom, Symbol.for('nodejs.util.promisify.custom'));
    assert.strictEqual(await util.promisify(setTimeout)(1, 'value'), 'value');
    assert.strictEqual(await util.promisify(setImmediate)('value'), 'value');
});
test('callbackify', async () => {
    const result = await new Promise((resolve) =>
        util.callbackify(async (x) => x * 2)(4, (error, value) => resolve([error, value])),
    );
    assert.deepStrictEqual(result, [null, 8]);
    const failure = await new Promise((resolve) =>
        util.callbackify(async () => {
            throw new Error('no');
        })(resolve),
    );
    assert.strictEqual(failure.message, 'no');
    const falsy = await new Promise((resolve) => util.callbackify(() => Promise.reject(null))(resolve));
    assert.strictEqual(falsy.code, 'ERR_FALSY_VALUE_REJECTION');
});
test('inherits', () => {
    function Parent() {}
    Parent.prototype.hello = () => 'hello';
    function Child() {}
    util.inherits(Child, Parent);
    assert.strictEqual(new Child().hello(), 'hello');
    assert.strictEqual(Child.super_, Parent);
    assert.throws(() => util.inherits(Child, null), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('deprecate calls through', () => {
    const old = util.deprecate((x) => x + 1, 'old() is old', 'DEP_TEST');
    assert.strictEqual(old(1), 2);
    assert.strictEqual(old(2), 3);
});
test('debuglog is silent without NODE_DEBUG', () => {
    const log = util.debuglog('hearth');
    log('nothing %s', 'to see');
    assert.strictEqual(log.enabled, false);
});
test('isDeepStrictEqual', () => {
    assert.strictEqual(util.isDeepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }), true);
    assert.strictEqual(util.isDeepStrictEqual({ a: 1 }, { a: '1' }), false);
});
test('stripVTControlCharacters', () =>
    assert.strictEqual(util.stripVTControlCharacters('\u001b[31mred\u001b[0m'), 'red'));
test('TextEncoder and TextDecoder', () => {
    assert.strictEqual(util.TextEncoder, TextEncoder);
    assert.strictEqual(new util.TextDecoder().decode(new util.TextEncoder().encode('é')), 'é');
});
test('toUSVString', () => assert.strictEqual(util.toUSVString('a\ud800'), 'a\ufffd'));
test('parseArgs', () => {
    const { values, positionals } = util.parseArgs({
        args: ['-v', '--name', 'x', '--list=a', '--list', 'b', 'file', '--', '--rest'],
        allowPositionals: true,
        options: {
            verbose: { type: 'boolean', short: 'v' },
            name: { type: 'string' },
            list: { type: 'string', multiple: true },
        },
    });
    assert.deepStrictEqual({ ...values }, { verbose: true, name: 'x', list: ['a', 'b'] });
    assert.deepStrictEqual(positionals, ['file', '--rest']);
    assert.throws(() => util.parseArgs({ args: ['--nope'] }), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
    assert.throws(() => util.parseArgs({ args: ['x'] }), { code: 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' });
});
const yes = {
    isDate: new Date(),
    isRegExp: /a/,
    isMap: new Map(),
    isSet: new Set(),
    isPromise: Promise.resolve(),
    isWeakMap: new WeakMap(),
    isWeakSet: new WeakSet(),
    isNativeError: new TypeError(),
    isArrayBuffer: new ArrayBuffer(1),
    isAnyArrayBuffer: new ArrayBuffer(1),
    isTypedArray: new Int8Array(1),
    isUint8Array: Buffer.alloc(1),
    isArrayBufferView: new DataView(new ArrayBuffer(1)),
    isDataView: new DataView(new ArrayBuffer(1)),
    isAsyncFunction: async () => {},
    isGeneratorFunction: function* () {},
    isGeneratorObject: (function* () {})(),
    isNumberObject: Object(1),
    isStringObject: Object(''),
    isBooleanObject: Object(true),
    isSymbolObject: Object(Symbol()),
    isBigIntObject: Object(1n),
    isBoxedPrimitive: Object(1),
    isProxy: new Proxy({}, {}),
    isMapIterator: new Map().values(),
    isSetIterator: new Set().values(),
    isBigInt64Array: new BigInt64Array(1),
    isFloat32Array: new Float32Array(1),
    isArgumentsObject: (function () {
        return arguments;
    })(),
};
for (const name of Object.keys(yes)) {
    test(`types.${name}`, () => {
        assert.strictEqual(util.types[name](yes[name]), true);
        for (const no of [undefined, null, 1, 'x', {}, []]) assert.strictEqual(util.types[name](no), false);
    });
}
test('types are not fooled by prototypes and tags', () => {
    assert.strictEqual(util.types.isDate(Object.create(Date.prototype)), false);
    assert.strictEqual(util.types.isDate({ [Symbol.toStringTag]: 'Date' }), false);
    assert.strictEqual(util.types.isMap(Object.setPrototypeOf(new Map(), null)), true);
    assert.strictEqual(util.types.isNativeError(Object.create(Error.prototype)), false);
});
test('util/types is util.types', () => assert.strictEqual(require('util/types'), util.types));
test('sys is util', () => assert.strictEqual(require('sys'), util));
test('what Node removed and older packages call', () => {
    // Node 20 still has these; Node 23 does not.
    assert.strictEqual(util.isArray([]), true);
    assert.strictEqual(util.isDate(new Date()), true);
    assert.strictEqual(util.isRegExp(/a/), true);
    assert.strictEqual(util.isError(new RangeError()), true);
    assert.strictEqual(
        util.isFunction(() => {}),
        true,
    );
    assert.strictEqual(util.isString('a'), true);
    assert.strictEqual(util.isNullOrUndefined(null), true);
    assert.strictEqual(util.isUndefined(undefined), true);
    assert.strictEqual(util.isObject({}), true);
    assert.strictEqual(util.isPrimitive('x'), true);
    assert.deepStrictEqual(util._extend({ a: 1 }, { b: 2 }), { a: 1, b: 2 });
});
test('util.aborted', async () => {
    const controller = new AbortController();
    const promise = util.aborted(controller.signal, {});
    controller.abort();
    await promise;
});
