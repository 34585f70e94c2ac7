// events: EventEmitter and the functions around it.
const assert = require('assert');
const EventEmitter = require('events');
const { once, on, errorMonitor, getEventListeners, setMaxListeners, addAbortListener } = EventEmitter;

test('the module is the class', () => {
    assert.strictEqual(EventEmitter.EventEmitter, EventEmitter);
    assert.strictEqual(EventEmitter.defaultMaxListeners, 10);
});
test('on, emit, order and arguments', () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('x', (...values) => seen.push(1, ...values));
    emitter.prependListener('x', () => seen.push(0));
    assert.strictEqual(emitter.emit('x', 'a', 'b', 'c', 'd'), true);
    assert.strictEqual(emitter.emit('y'), false);
    assert.deepStrictEqual(seen, [0, 1, 'a', 'b', 'c', 'd']);
});
test('this of a listener', () => {
    const emitter = new EventEmitter();
    let self;
    emitter.on('x', function () {
        self = this;
    });
    emitter.emit('x');
    assert.strictEqual(self, emitter);
});
test('once', () => {
    const emitter = new EventEmitter();
    let count = 0;
    const listener = () => count++;
    emitter.once('x', listener);
    assert.deepStrictEqual(emitter.listeners('x'), [listener]);
    assert.notStrictEqual(emitter.rawListeners('x')[0], listener);
    assert.strictEqual(emitter.rawListeners('x')[0].listener, listener);
    emitter.emit('x');
    emitter.emit('x');
    assert.strictEqual(count, 1);
    emitter.once('x', listener);
    emitter.off('x', listener);
    assert.strictEqual(emitter.listenerCount('x'), 0);
});
test('prependOnceListener', () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('x', () => seen.push('on'));
    emitter.prependOnceListener('x', () => seen.push('first'));
    emitter.emit('x');
    emitter.emit('x');
    assert.deepStrictEqual(seen, ['first', 'on', 'on']);
});
test('removeListener takes the newest of equal ones', () => {
    const emitter = new EventEmitter();
    const a = () => {};
    emitter
        .on('x', a)
        .on('x', () => {})
        .on('x', a);
    emitter.removeListener('x', a);
    assert.strictEqual(emitter.listeners('x')[0], a);
    assert.strictEqual(emitter.listenerCount('x'), 2);
});
test('listeners removed during emit still run this time', () => {
    const emitter = new EventEmitter();
    const seen = [];
    const second = () => seen.push('second');
    emitter.on('x', () => {
        seen.push('first');
        emitter.off('x', second);
    });
    emitter.on('x', second);
    emitter.emit('x');
    emitter.emit('x');
    assert.deepStrictEqual(seen, ['first', 'second', 'first']);
});
test('removeAllListeners', () => {
    const emitter = new EventEmitter();
    emitter
        .on('a', () => {})
        .on('b', () => {})
        .on('b', () => {});
    emitter.removeAllListeners('b');
    assert.deepStrictEqual(emitter.eventNames(), ['a']);
    emitter.removeAllListeners();
    assert.deepStrictEqual(emitter.eventNames(), []);
});
test('newListener and removeListener', () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('newListener', (name) => seen.push(`+${String(name)}`));
    emitter.on('removeListener', (name) => seen.push(`-${String(name)}`));
    const listener = () => {};
    emitter.once('x', listener);
    emitter.emit('x');
    assert.deepStrictEqual(seen, ['+removeListener', '+x', '-x']);
});
test('symbols and eventNames', () => {
    const emitter = new EventEmitter();
    const name = Symbol('event');
    emitter.on(name, () => {}).on('x', () => {});
    assert.deepStrictEqual(emitter.eventNames(), ['x', name]);
});
test('an error nobody listens for is thrown', () => {
    const error = new RangeError('boo');
    assert.throws(
        () => new EventEmitter().emit('error', error),
        (thrown) => thrown === error,
    );
    assert.throws(() => new EventEmitter().emit('error', 'text'), {
        code: 'ERR_UNHANDLED_ERROR',
        message: "Unhandled error. ('text')",
    });
});
test('errorMonitor sees errors and changes nothing', () => {
    const emitter = new EventEmitter();
    let seen;
    emitter.on(errorMonitor, (error) => {
        seen = error;
    });
    assert.throws(() => emitter.emit('error', new Error('boo')), /boo/);
    assert.strictEqual(seen.message, 'boo');
});
test('listeners are functions', () =>
    assert.throws(() => new EventEmitter().on('x', 5), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' }));
test('setMaxListeners and getMaxListeners', () => {
    const emitter = new EventEmitter();
    assert.strictEqual(emitter.getMaxListeners(), 10);
    assert.strictEqual(emitter.setMaxListeners(3), emitter);
    assert.strictEqual(emitter.getMaxListeners(), 3);
    assert.throws(() => emitter.setMaxListeners(-1), { code: 'ERR_OUT_OF_RANGE' });
    setMaxListeners(5, emitter);
    assert.strictEqual(emitter.getMaxListeners(), 5);
});
test('too many listeners warn once', async () => {
    const emitter = new EventEmitter();
    emitter.setMaxListeners(1);
    const warnings = [];
    const listener = (warning) => warnings.push(warning);
    process.on('warning', listener);
    for (let i = 0; i < 4; i++) emitter.on('leak', () => {});
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listener);
    assert.strictEqual(warnings.length, 1);
    assert.strictEqual(warnings[0].name, 'MaxListenersExceededWarning');
});
test('classes and functions inherit', () => {
    class Own extends EventEmitter {}
    function Old() {
        EventEmitter.call(this);
    }
    require('util').inherits(Old, EventEmitter);
    for (const emitter of [new Own(), new Old()]) {
        let got;
        emitter.on('x', (value) => {
            got = value;
        });
        emitter.emit('x', 1);
        assert.strictEqual(got, 1);
    }
});
test('mixing in works without the constructor', () => {
    const object = Object.assign({}, EventEmitter.prototype);
    let got;
    object.on('x', (value) => {
        got = value;
    });
    object.emit('x', 2);
    assert.strictEqual(got, 2);
});
test('once as a promise', async () => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('x', 1, 2), 1);
    assert.deepStrictEqual(await once(emitter, 'x'), [1, 2]);
    setTimeout(() => emitter.emit('error', new Error('boo')), 1);
    await assert.rejects(once(emitter, 'x'), /boo/);
    assert.strictEqual(emitter.listenerCount('x'), 0);
    setTimeout(() => emitter.emit('error', 'value'), 1);
    assert.deepStrictEqual(await once(emitter, 'error'), ['value']);
});
test('once with a signal and with an EventTarget', async () => {
    const controller = new AbortController();
    const promise = once(new EventEmitter(), 'x', { signal: controller.signal });
    controller.abort();
    await assert.rejects(promise, { name: 'AbortError', code: 'ABORT_ERR' });
    const target = new EventTarget();
    setTimeout(() => target.dispatchEvent(new Event('y')), 1);
    assert.strictEqual((await once(target, 'y'))[0].type, 'y');
});
test('on as an async iterator', async () => {
    const emitter = new EventEmitter();
    setTimeout(() => {
        for (let i = 0; i < 3; i++) emitter.emit('x', i);
    }, 1);
    const seen = [];
    for await (const [value] of on(emitter, 'x')) {
        seen.push(value);
        if (value === 2) break;
    }
    assert.deepStrictEqual(seen, [0, 1, 2]);
    assert.strictEqual(emitter.listenerCount('x'), 0);
});
test('on fails with the error event', async () => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('error', new Error('boo')), 1);
    await assert.rejects(async () => {
        for await (const value of on(emitter, 'x')) assert.fail(value);
    }, /boo/);
});
test('captureRejections', async () => {
    const emitter = new EventEmitter({ captureRejections: true });
    emitter.on('x', async () => {
        throw new Error('async boo');
    });
    const promise = new Promise((resolve) => emitter.on('error', resolve));
    emitter.emit('x');
    assert.strictEqual((await promise).message, 'async boo');
});
test('getEventListeners and listenerCount', () => {
    const emitter = new EventEmitter();
    const listener = () => {};
    emitter.on('x', listener);
    assert.deepStrictEqual(getEventListeners(emitter, 'x'), [listener]);
    assert.strictEqual(emitter.listenerCount('x', listener), 1);
    assert.strictEqual(
        emitter.listenerCount('x', () => {}),
        0,
    );
    assert.strictEqual(EventEmitter.listenerCount(emitter, 'x'), 1);
});
test('addAbortListener', () => {
    const controller = new AbortController();
    let called = 0;
    addAbortListener(controller.signal, () => called++);
    controller.abort();
    assert.strictEqual(called, 1);
});
