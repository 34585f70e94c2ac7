// HTML Standard 2.7: structuredClone.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, notStrictEqual: differs, ok } = require('assert');

const refused = (error) => error instanceof DOMException && error.name === 'DataCloneError' && error.code === 25;
const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

for (const value of [undefined, null, true, 0, -0, NaN, Infinity, 1.5, '', 'text', 12n]) {
    test(`structuredClone of ${typeof value} ${String(value)}`, () => ok(Object.is(structuredClone(value), value)));
}
test('structuredClone needs an argument', () => throws(() => structuredClone(), TypeError));
test('structuredClone of plain data', () => {
    const value = { a: [1, 'b', { c: null }], d: undefined };
    const copy = structuredClone(value);
    same(copy, value);
    differs(copy, value);
    differs(copy.a, value.a);
    ok('d' in copy);
});
test('structuredClone keeps holes and properties of arrays', () => {
    const value = [1, , 3];
    value.name = 'x';
    const copy = structuredClone(value);
    equal(copy.length, 3);
    equal(1 in copy, false);
    equal(copy.name, 'x');
    ok(Array.isArray(copy));
});
test('structuredClone takes own enumerable string keys', () => {
    const value = Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true } });
    value[Symbol('s')] = 3;
    const copy = structuredClone(value);
    same(Object.keys(copy), ['shown']);
    equal(copy.inherited, undefined);
    equal(Object.getOwnPropertySymbols(copy).length, 0);
});
test('structuredClone flattens getters and forgets attributes', () => {
    const copy = structuredClone(
        Object.freeze({
            get a() {
                return 1;
            },
        }),
    );
    same(Object.getOwnPropertyDescriptor(copy, 'a'), {
        value: 1,
        writable: true,
        enumerable: true,
        configurable: true,
    });
});
test('structuredClone lets errors of getters through', () => {
    const error = new Error('mine');
    throws(
        () =>
            structuredClone({
                get a() {
                    throw error;
                },
            }),
        (caught) => caught === error,
    );
});
test('structuredClone of an instance is a plain object', () => {
    class Point {
        x = 1;
        get double() {
            return 2;
        }
    }
    const copy = structuredClone(new Point());
    equal(Object.getPrototypeOf(copy), Object.prototype);
    same(copy, { x: 1 });
});
test('structuredClone of __proto__ as a key', () => {
    const copy = structuredClone(JSON.parse('{"__proto__": 1}'));
    same(Object.keys(copy), ['__proto__']);
    equal(Object.getPrototypeOf(copy), Object.prototype);
});
test('structuredClone of cycles and shared parts', () => {
    const shared = {};
    const value = { a: shared, b: [shared], set: new Set([shared]) };
    value.self = value;
    const copy = structuredClone(value);
    equal(copy.self, copy);
    equal(copy.a, copy.b[0]);
    ok(copy.set.has(copy.a));
    differs(copy.a, shared);
});
test('structuredClone of Map and Set', () => {
    const key = { k: 1 };
    const copy = structuredClone(
        new Map([
            [key, new Set([1, 2])],
            ['m', new Map()],
        ]),
    );
    ok(copy instanceof Map);
    const [[copiedKey, set], [, map]] = [...copy];
    same(copiedKey, key);
    differs(copiedKey, key);
    same([...set], [1, 2]);
    ok(map instanceof Map);
});
test('structuredClone of a Map that holds itself', () => {
    const map = new Map();
    map.set('self', map);
    const copy = structuredClone(map);
    equal(copy.get('self'), copy);
});
test('structuredClone of Date', () => {
    const copy = structuredClone(new Date(86400000));
    ok(copy instanceof Date);
    equal(copy.getTime(), 86400000);
    ok(Number.isNaN(structuredClone(new Date(NaN)).getTime()));
});
test('structuredClone of RegExp', () => {
    const value = /a(b)/giu;
    value.lastIndex = 3;
    const copy = structuredClone(value);
    same([copy.source, copy.flags, copy.lastIndex], ['a(b)', 'giu', 0]);
    ok(copy instanceof RegExp);
});
test('structuredClone of wrapped primitives', () => {
    for (const value of [new Boolean(false), new Number(3), new String('s'), Object(7n)]) {
        const copy = structuredClone(value);
        equal(typeof copy, 'object');
        equal(copy.valueOf(), value.valueOf());
        equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(value));
    }
});
test('structuredClone of ArrayBuffer', () => {
    const value = new Uint8Array([1, 2, 3]).buffer;
    const copy = structuredClone(value);
    ok(copy instanceof ArrayBuffer);
    same([...new Uint8Array(copy)], [1, 2, 3]);
    new Uint8Array(copy)[0] = 9;
    equal(new Uint8Array(value)[0], 1);
});
for (const Class of [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
]) {
    test(`structuredClone of ${Class.name}`, () => {
        const value = Class.from(Class === BigInt64Array ? [1n, 2n] : [1, 2]);
        const copy = structuredClone(value);
        ok(copy instanceof Class);
        same([...copy], [...value]);
        differs(copy.buffer, value.buffer);
    });
}
test('structuredClone of DataView', () => {
    const value = new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);
    const copy = structuredClone(value);
    ok(copy instanceof DataView);
    same([copy.byteOffset, copy.byteLength, copy.getUint8(0)], [1, 2, 2]);
});
test('structuredClone keeps views of one buffer together', () => {
    const buffer = new ArrayBuffer(8);
    const copy = structuredClone({ a: new Uint8Array(buffer, 0, 4), b: new Uint16Array(buffer, 4), buffer });
    equal(copy.a.buffer, copy.buffer);
    equal(copy.b.buffer, copy.buffer);
    same([copy.b.byteOffset, copy.b.length, copy.buffer.byteLength], [4, 2, 8]);
});
for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    test(`structuredClone of ${Class.name}`, () => {
        const value = new Class('message', { cause: { why: 1 } });
        value.extra = 1;
        const copy = structuredClone(value);
        equal(Object.getPrototypeOf(copy), Class.prototype);
        same([copy.name, copy.message, copy.extra], [Class.name, 'message', undefined]);
        equal(copy.stack, value.stack);
        same(copy.cause, { why: 1 });
    });
}
test('structuredClone of an error of another class', () => {
    class Mine extends Error {
        name = 'Mine';
    }
    const copy = structuredClone(new Mine('m'));
    equal(Object.getPrototypeOf(copy), Error.prototype);
    equal(copy.message, 'm');
});
test('structuredClone of an error without a message', () => {
    const copy = structuredClone(new Error());
    equal(Object.hasOwn(copy, 'message'), false);
});
testExceptNode('Node 20 cannot clone its own', 'structuredClone of Blob, File and DOMException', async () => {
    const blob = structuredClone(new Blob(['abc'], { type: 'text/x' }));
    same([blob.type, await blob.text()], ['text/x', 'abc']);
    const file = structuredClone(new File(['abc'], 'n', { lastModified: 5 }));
    same([file instanceof File, file.name, file.lastModified, await file.text()], [true, 'n', 5, 'abc']);
    const error = structuredClone(new DOMException('m', 'AbortError'));
    same([error instanceof DOMException, error.name, error.message], [true, 'AbortError', 'm']);
});

for (const [name, value] of [
    ['a function', () => {}],
    ['a class', class {}],
    ['a symbol', Symbol('s')],
    ['a promise', Promise.resolve()],
    ['a WeakMap', new WeakMap()],
    ['a WeakSet', new WeakSet()],
    ['a WeakRef', new WeakRef({})],
    ['a generator', (function* () {})()],
    ['a wrapped symbol', Object(Symbol('s'))],
    ['a function inside', { a: [() => {}] }],
    ['a symbol inside', new Map([['a', Symbol('s')]])],
]) {
    test(`structuredClone refuses ${name}`, () => throws(() => structuredClone(value), refused));
}
testExceptNode('Node 20 clones them as empty objects', 'structuredClone refuses objects of the platform', () => {
    for (const value of [new Headers(), new URL('http://h'), new EventTarget(), new ReadableStream(), new FormData()]) {
        throws(() => structuredClone(value), refused);
    }
});

test('structuredClone moves the buffers of its transfer list', () => {
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const copy = structuredClone({ buffer, again: buffer }, { transfer: [buffer] });
    equal(buffer.byteLength, 0);
    same([...new Uint8Array(copy.buffer)], [1, 2, 3]);
    equal(copy.again, copy.buffer);
});
test('structuredClone moves what views look at', () => {
    const view = new Uint16Array([1, 2, 3, 4]).subarray(1, 3);
    const copy = structuredClone({ view, twice: [view] }, { transfer: [view.buffer] });
    equal(view.length, 0);
    same([[...copy.view], copy.view.byteOffset, copy.view.buffer.byteLength], [[2, 3], 2, 8]);
    equal(copy.twice[0], copy.view);
});
test('structuredClone moves buffers that the value does not hold', () => {
    const buffer = new ArrayBuffer(4);
    equal(structuredClone(1, { transfer: [buffer] }), 1);
    equal(buffer.byteLength, 0);
});
test('structuredClone moves nothing when the value cannot be cloned', () => {
    const buffer = new ArrayBuffer(4);
    throws(() => structuredClone({ buffer, f() {} }, { transfer: [buffer] }), refused);
    equal(buffer.byteLength, 4);
});
test('structuredClone refuses wrong transfer lists', () => {
    const buffer = new ArrayBuffer(4);
    throws(() => structuredClone(1, { transfer: [buffer, buffer] }), refused);
    throws(
        () => structuredClone(1, { transfer: [{}] }),
        (error) => error instanceof Error,
    );
});
testExceptNode('Node 20 clones them as empty buffers', 'structuredClone refuses buffers that were moved', () => {
    const buffer = new ArrayBuffer(4);
    structuredClone(1, { transfer: [buffer] });
    throws(() => structuredClone(1, { transfer: [buffer] }), refused);
    throws(() => structuredClone(buffer), refused);
});
