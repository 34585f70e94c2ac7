// assert: what holds, what does not, and what it says.
const assert = require('assert');

const failure = (run) => {
    try {
        run();
    } catch (error) {
        return error;
    }
    throw new Error('nothing was thrown');
};
const same = [
    [1, 1],
    ['a', 'a'],
    [NaN, NaN],
    [null, null],
    [
        [1, [2]],
        [1, [2]],
    ],
    [{ a: { b: 1 } }, { a: { b: 1 } }],
    [new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]])],
    [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])],
    [new Date(5), new Date(5)],
    [/a/g, /a/g],
    [new Error('x'), new Error('x')],
    [Buffer.from('a'), Buffer.from('a')],
    [new Float64Array([1, 2]), new Float64Array([1, 2])],
    [Object(1), Object(1)],
    [5n, 5n],
    [
        [, 1],
        [, 1],
    ],
    [new Map([[{ k: 1 }, 'v']]), new Map([[{ k: 1 }, 'v']])],
    [{ [Symbol.for('s')]: 1 }, { [Symbol.for('s')]: 1 }],
];
const different = [
    [1, 2],
    [1, '1'],
    [0, -0],
    [null, undefined],
    [[1, 2], [1]],
    [{ a: 1 }, { b: 1 }],
    [{ a: undefined }, {}],
    [new Map([[1, 1]]), new Map([[1, 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [/a/g, /a/i],
    [new Error('x'), new Error('y')],
    [new Error('x'), new TypeError('x')],
    [Buffer.from('a'), Buffer.from('b')],
    [new Uint8Array(1), new Int8Array(1)],
    [Object(1), Object(2)],
    [
        [1, , 3],
        [1, undefined, 3],
    ],
    [Object.create(null), {}],
    [new (class A {})(), new (class B {})()],
    [[], {}],
    [{ [Symbol.for('s')]: 1 }, { [Symbol.for('s')]: 2 }],
    [() => {}, () => {}],
];
same.forEach(([a, b], i) =>
    test(`deepStrictEqual holds ${i}`, () => {
        assert.deepStrictEqual(a, b);
        assert.deepEqual(a, b);
        assert.throws(() => assert.notDeepStrictEqual(a, b), { code: 'ERR_ASSERTION' });
    }),
);
different.forEach(([a, b], i) =>
    test(`deepStrictEqual fails ${i}`, () => {
        assert.throws(() => assert.deepStrictEqual(a, b), assert.AssertionError);
        assert.notDeepStrictEqual(a, b);
    }),
);
test('deepEqual is loose', () => {
    assert.deepEqual({ a: 1 }, { a: '1' });
    assert.deepEqual([0], [-0]);
    assert.deepEqual(new Set(['1']), new Set(['1']));
    assert.notDeepEqual({ a: 1 }, { a: 2 });
    assert.throws(() => assert.deepEqual([1, 2], [1, 3]), { code: 'ERR_ASSERTION' });
});
test('circular values', () => {
    const make = () => {
        const value = { list: [] };
        value.list.push(value);
        return value;
    };
    assert.deepStrictEqual(make(), make());
});
test('ok and assert', () => {
    assert(true);
    assert.ok(1);
    assert.strictEqual(failure(() => assert(false, 'given')).message, 'given');
    assert.strictEqual(failure(() => assert.ok(0)).code, 'ERR_ASSERTION');
    assert.strictEqual(failure(() => assert.ok()).message, 'No value argument passed to `assert.ok()`');
    assert.throws(() => assert(null, new RangeError('own')), RangeError);
});
test('equal and strictEqual', () => {
    assert.equal(1, '1');
    assert.notEqual(1, 2);
    assert.strictEqual('a', 'a');
    assert.notStrictEqual(1, '1');
    assert.strictEqual(failure(() => assert.equal(1, 2)).message, '1 == 2');
    assert.strictEqual(
        failure(() => assert.strictEqual(1, 2)).message,
        'Expected values to be strictly equal:\n\n1 !== 2\n',
    );
    assert(failure(() => assert.strictEqual(1, 2, 'mine')).message.startsWith('mine'));
    assert.throws(() => assert.strictEqual(1), { code: 'ERR_MISSING_ARGS' });
});
test('the difference of objects', () => {
    const { message } = failure(() => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }));
    assert(message.startsWith('Expected values to be strictly deep-equal:\n+ actual - expected\n\n  {\n'), message);
    assert(/\+ {5}2\n- {5}3/.test(message), message);
});
test('an AssertionError has its parts', () => {
    const error = failure(() => assert.strictEqual(1, 2));
    assert(error instanceof assert.AssertionError);
    assert(error instanceof Error);
    assert.strictEqual(error.name, 'AssertionError');
    assert.strictEqual(error.actual, 1);
    assert.strictEqual(error.expected, 2);
    assert.strictEqual(error.operator, 'strictEqual');
    assert.strictEqual(error.generatedMessage, true);
    assert.strictEqual(new assert.AssertionError({ message: 'm' }).message, 'm');
});
const boo = () => {
    throw new TypeError('boo bar');
};
test('throws', () => {
    assert.throws(boo);
    assert.throws(boo, TypeError);
    assert.throws(boo, Error);
    assert.throws(boo, /boo/);
    assert.throws(boo, { message: 'boo bar', name: 'TypeError' });
    assert.throws(boo, { message: /bar$/ });
    assert.throws(boo, new TypeError('boo bar'));
    assert.throws(boo, (error) => error instanceof TypeError && error.message === 'boo bar');
});
test('throws that fails', () => {
    assert.strictEqual(failure(() => assert.throws(() => {})).message, 'Missing expected exception.');
    assert.strictEqual(
        failure(() => assert.throws(() => {}, TypeError, 'why')).message,
        'Missing expected exception (TypeError): why',
    );
    assert.match(
        failure(() => assert.throws(boo, RangeError)).message,
        /instance of "RangeError"\. Received "TypeError"/,
    );
    assert.match(failure(() => assert.throws(boo, /zoo/)).message, /did not match the regular expression \/zoo\//);
    assert.match(failure(() => assert.throws(boo, { message: 'x' })).message, /-\s+message: 'x'/);
    assert.strictEqual(failure(() => assert.throws(boo, () => false)).code, 'ERR_ASSERTION');
    assert.strictEqual(failure(() => assert.throws(5)).code, 'ERR_INVALID_ARG_TYPE');
    assert.strictEqual(failure(() => assert.throws(boo, 'boo bar')).code, 'ERR_AMBIGUOUS_ARGUMENT');
});
test('doesNotThrow', () => {
    assert.doesNotThrow(() => {});
    assert.match(
        failure(() => assert.doesNotThrow(boo)).message,
        /^Got unwanted exception\.\nActual message: "boo bar"$/,
    );
});
test('rejects and doesNotReject', async () => {
    await assert.rejects(Promise.reject(new TypeError('no')), TypeError);
    await assert.rejects(
        async () => {
            throw new Error('no');
        },
        { message: 'no' },
    );
    await assert.doesNotReject(Promise.resolve());
    await assert.rejects(assert.rejects(Promise.resolve()), { message: 'Missing expected rejection.' });
    await assert.rejects(
        assert.rejects(() => 5),
        { code: 'ERR_INVALID_RETURN_VALUE' },
    );
    await assert.rejects(assert.rejects(5), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('match and doesNotMatch', () => {
    assert.match('abc', /b/);
    assert.doesNotMatch('abc', /x/);
    assert.match(
        failure(() => assert.match('abc', /x/)).message,
        /The input did not match the regular expression \/x\/\. Input:\n\n'abc'/,
    );
    assert.throws(() => assert.match(5, /x/), { code: 'ERR_ASSERTION' });
    assert.throws(() => assert.match('a', 'a'), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('ifError', () => {
    assert.ifError(null);
    assert.ifError(undefined);
    assert.throws(() => assert.ifError(new Error('e')), { message: 'ifError got unwanted exception: e' });
    assert.throws(() => assert.ifError(0), { code: 'ERR_ASSERTION' });
});
test('fail', () => {
    assert.throws(() => assert.fail(), { message: 'Failed', code: 'ERR_ASSERTION' });
    assert.throws(() => assert.fail('m'), { message: 'm' });
    assert.throws(() => assert.fail(new RangeError('own')), RangeError);
});
test('strict', () => {
    const { strict } = assert;
    assert.strictEqual(require('assert/strict'), strict);
    assert.strictEqual(strict.equal, strict.strictEqual);
    assert.throws(() => strict.equal(1, '1'), { code: 'ERR_ASSERTION' });
    assert.throws(() => strict.deepEqual({ a: 1 }, { a: '1' }), { code: 'ERR_ASSERTION' });
    strict(true);
    strict.throws(boo);
});
