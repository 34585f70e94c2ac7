// DOM Standard 3: AbortController and AbortSignal.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const aborted = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve));

test('AbortController has a signal that is not aborted', () => {
    const controller = new AbortController();
    ok(controller.signal instanceof AbortSignal);
    ok(controller.signal instanceof EventTarget);
    equal(controller.signal, controller.signal);
    same([controller.signal.aborted, controller.signal.reason, controller.signal.onabort], [false, undefined, null]);
});
test('AbortSignal cannot be constructed', () => throws(() => new AbortSignal(), TypeError));
test('abort sets an AbortError as reason', () => {
    const controller = new AbortController();
    controller.abort();
    equal(controller.signal.aborted, true);
    ok(controller.signal.reason instanceof DOMException);
    same([controller.signal.reason.name, controller.signal.reason.code], ['AbortError', 20]);
});
test('abort keeps the reason given', () => {
    for (const reason of [null, 0, '', 'why', new Error('x')]) {
        const controller = new AbortController();
        controller.abort(reason);
        equal(controller.signal.reason, reason);
    }
});
test('abort works once', () => {
    const controller = new AbortController();
    let calls = 0;
    controller.signal.addEventListener('abort', () => calls++);
    controller.abort('first');
    controller.abort('second');
    equal(calls, 1);
    equal(controller.signal.reason, 'first');
});
test('abort fires a trusted event', () => {
    const controller = new AbortController();
    let event;
    controller.signal.addEventListener('abort', (given) => (event = given));
    controller.abort();
    same([event.type, event.target === controller.signal, event.isTrusted], ['abort', true, true]);
    same([event.bubbles, event.cancelable], [false, false]);
});
test('abort is seen by its listeners', () => {
    const controller = new AbortController();
    let seen;
    controller.signal.addEventListener('abort', () => (seen = [controller.signal.aborted, controller.signal.reason]));
    controller.abort('r');
    same(seen, [true, 'r']);
});
test('onabort is called, with the signal as this', () => {
    const controller = new AbortController();
    let seen;
    controller.signal.onabort = function (event) {
        seen = [this === controller.signal, event.type];
    };
    controller.abort();
    same(seen, [true, 'abort']);
});
test('onabort can be replaced and removed', () => {
    const controller = new AbortController();
    const seen = [];
    const first = () => seen.push('first');
    controller.signal.onabort = first;
    equal(controller.signal.onabort, first);
    controller.signal.onabort = () => seen.push('second');
    controller.abort();
    same(seen, ['second']);
    const other = new AbortController();
    other.signal.onabort = first;
    other.signal.onabort = null;
    equal(other.signal.onabort, null);
    other.abort();
    same(seen, ['second']);
});
testExceptNode('Node 20 keeps it', 'onabort ignores what cannot be called', () => {
    const { signal } = new AbortController();
    signal.onabort = 1;
    equal(signal.onabort, null);
});
test('throwIfAborted', () => {
    const controller = new AbortController();
    equal(controller.signal.throwIfAborted(), undefined);
    const reason = {};
    controller.abort(reason);
    throws(
        () => controller.signal.throwIfAborted(),
        (error) => error === reason,
    );
});
test('AbortSignal.abort', () => {
    const signal = AbortSignal.abort();
    equal(signal.aborted, true);
    equal(signal.reason.name, 'AbortError');
    equal(AbortSignal.abort('r').reason, 'r');
});
test('AbortSignal.timeout aborts with a TimeoutError', async () => {
    const signal = AbortSignal.timeout(5);
    equal(signal.aborted, false);
    // A timer of one's own keeps a runtime awake that would not wait for the signal's.
    const awake = setTimeout(() => {}, 10000);
    const event = await aborted(signal);
    clearTimeout(awake);
    equal(event.target, signal);
    ok(signal.reason instanceof DOMException);
    same([signal.reason.name, signal.reason.code], ['TimeoutError', 23]);
});
test('AbortSignal.timeout refuses what is no length of time', () => {
    throws(() => AbortSignal.timeout(-1));
    throws(() => AbortSignal.timeout(NaN));
    throws(() => AbortSignal.timeout());
});
test('AbortSignal.any of nothing never aborts', () => equal(AbortSignal.any([]).aborted, false));
test('AbortSignal.any follows each of its sources', () => {
    for (const index of [0, 1, 2]) {
        const controllers = [new AbortController(), new AbortController(), new AbortController()];
        const signal = AbortSignal.any(controllers.map((controller) => controller.signal));
        let calls = 0;
        signal.addEventListener('abort', () => calls++);
        controllers[index].abort(index);
        equal(signal.aborted, true);
        equal(signal.reason, index);
        for (const controller of controllers) controller.abort('late');
        equal(signal.reason, index);
        equal(calls, 1);
    }
});
test('AbortSignal.any of an aborted signal is aborted', () => {
    const signal = AbortSignal.any([new AbortController().signal, AbortSignal.abort('a'), AbortSignal.abort('b')]);
    same([signal.aborted, signal.reason], [true, 'a']);
});
test('AbortSignal.any of such signals', () => {
    const controller = new AbortController();
    const signal = AbortSignal.any([AbortSignal.any([AbortSignal.any([controller.signal])])]);
    controller.abort('r');
    same([signal.aborted, signal.reason], [true, 'r']);
});
testExceptNode('Node 20 takes arrays only', 'AbortSignal.any takes any iterable', () => {
    equal(AbortSignal.any(new Set([AbortSignal.abort()])).aborted, true);
});
test('AbortSignal.any takes signals only', () => {
    throws(() => AbortSignal.any([{}]), TypeError);
    throws(() => AbortSignal.any(), TypeError);
});
testExceptNode('Node 20 marks them one after another', 'AbortSignal.any: all are aborted before any event', () => {
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal]);
    const seen = [];
    controller.signal.addEventListener('abort', () => seen.push(['source', signal.aborted]));
    signal.addEventListener('abort', () => seen.push(['dependent', signal.aborted]));
    controller.abort();
    same(seen, [
        ['source', true],
        ['dependent', true],
    ]);
});
test('a listener of a signal that aborted is not called', () => {
    const signal = AbortSignal.abort();
    let calls = 0;
    signal.addEventListener('abort', () => calls++);
    equal(calls, 0);
});
