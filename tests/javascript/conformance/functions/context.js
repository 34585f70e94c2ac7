// `InvocationContext`, the contexts of hooks and `Disposable` of '@azure/functions'.
const assert = require('assert');
const functions = require('@azure/functions');
const { Disposable, InvocationContext, PostInvocationContext, PreInvocationContext } = functions;

test('a context that a test makes', () => {
    const context = new InvocationContext();
    assert.strictEqual(context.invocationId, 'unknown');
    assert.strictEqual(context.functionName, 'unknown');
    assert.deepStrictEqual(context.options, {
        trigger: { name: 'unknown', type: 'unknown' },
        return: undefined,
        extraInputs: [],
        extraOutputs: [],
    });
    assert.strictEqual(context.retryContext, undefined);
    assert.strictEqual(context.traceContext, undefined);
    assert.strictEqual(context.triggerMetadata, undefined);
});

test('what it is given', () => {
    const trigger = { name: 't', type: 'timerTrigger' };
    const context = new InvocationContext({
        invocationId: 'id',
        functionName: 'f',
        retryContext: { retryCount: 1, maxRetryCount: 3 },
        traceContext: { traceParent: 'p' },
        triggerMetadata: { dequeueCount: 5 },
        options: { trigger },
    });
    assert.strictEqual(context.invocationId, 'id');
    assert.strictEqual(context.retryContext.retryCount, 1);
    assert.strictEqual(context.traceContext.traceParent, 'p');
    assert.strictEqual(context.triggerMetadata.dequeueCount, 5);
    assert.strictEqual(context.options.trigger, trigger);
});

test('extra inputs and outputs by name or binding', () => {
    const context = new InvocationContext();
    context.extraInputs.set('a', 1);
    context.extraOutputs.set({ name: 'b', type: 'queue' }, ['m']);
    assert.strictEqual(context.extraInputs.get({ name: 'a', type: 'blob' }), 1);
    assert.deepStrictEqual(context.extraOutputs.get('b'), ['m']);
    assert.strictEqual(context.extraInputs.get('none'), undefined);
});

test('levels of the log', () => {
    const lines = [];
    const context = new InvocationContext({ logHandler: (level, ...values) => lines.push([level, ...values]) });
    context.log('a', 1);
    context.trace('b');
    context.debug('c');
    context.info('d');
    context.warn('e');
    context.error('f', { g: 1 });
    assert.deepStrictEqual(lines, [
        ['information', 'a', 1],
        ['trace', 'b'],
        ['debug', 'c'],
        ['information', 'd'],
        ['warning', 'e'],
        ['error', 'f', { g: 1 }],
    ]);
});

test('a hook before the invocation may change inputs and handler', () => {
    const shown = { inputs: [1] };
    const context = new PreInvocationContext(shown);
    const handler = () => {};
    context.inputs = [2];
    context.functionHandler = handler;
    context.hookData.mine = true;
    assert.deepStrictEqual(shown.inputs, [2]);
    assert.strictEqual(shown.functionCallback, handler);
    assert.ok(context.invocationContext instanceof InvocationContext);
    assert.throws(() => (context.hookData = {}), { message: "Cannot assign to read only property 'hookData'" });
    assert.throws(() => (context.invocationContext = {}), TypeError);
    assert.deepStrictEqual(context.hookData, { mine: true });
});

test('a hook after the invocation may change result and error', () => {
    const shown = { result: 1, error: new Error('e') };
    const context = new PostInvocationContext(shown);
    assert.strictEqual(context.result, 1);
    context.result = 2;
    context.error = null;
    assert.deepStrictEqual([shown.result, shown.error], [2, null]);
});

test('a hook of the log may change level and message', () => {
    const context = new functions.LogHookContext();
    assert.deepStrictEqual([context.level, context.message, context.category], ['information', 'unknown', 'user']);
    context.level = 'error';
    context.message = 'm';
    assert.deepStrictEqual([context.level, context.message], ['error', 'm']);
    assert.throws(() => (context.category = 'system'), TypeError);
    for (const Kind of [functions.AppStartContext, functions.AppTerminateContext]) {
        assert.ok(new Kind() instanceof functions.HookContext);
    }
});

test('Disposable', () => {
    let count = 0;
    const one = new Disposable(() => count++);
    one.dispose();
    one.dispose();
    assert.strictEqual(count, 1);
    const both = Disposable.from({ dispose: () => count++ }, { dispose: () => count++ });
    both.dispose();
    both.dispose();
    assert.strictEqual(count, 3);
});
