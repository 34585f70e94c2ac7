// async_hooks: AsyncLocalStorage through promises, timers and await.
const assert = require('assert');
const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = require('async_hooks');

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('run is synchronous and gives back what the function gives', () => {
    const storage = new AsyncLocalStorage();
    assert.strictEqual(storage.getStore(), undefined);
    assert.strictEqual(
        storage.run('store', (a, b) => `${storage.getStore()} ${a} ${b}`, 1, 2),
        'store 1 2',
    );
    assert.strictEqual(storage.getStore(), undefined);
    assert.throws(
        () =>
            storage.run(1, () => {
                throw new Error('boo');
            }),
        /boo/,
    );
    assert.strictEqual(storage.getStore(), undefined);
});
test('runs inside each other, and several storages', () => {
    const one = new AsyncLocalStorage();
    const two = new AsyncLocalStorage();
    one.run(1, () =>
        two.run(2, () => {
            assert.deepStrictEqual([one.getStore(), two.getStore()], [1, 2]);
            one.run(3, () => assert.deepStrictEqual([one.getStore(), two.getStore()], [3, 2]));
            one.exit(() => assert.deepStrictEqual([one.getStore(), two.getStore()], [undefined, 2]));
            assert.strictEqual(one.getStore(), 1);
        }),
    );
});
test('await of promises, many at once', async () => {
    const storage = new AsyncLocalStorage();
    const results = await Promise.all(
        [1, 2, 3].map((n) =>
            storage.run(n, async () => {
                const seen = [storage.getStore()];
                await delay(3 * (4 - n));
                seen.push(storage.getStore());
                await Promise.resolve();
                seen.push(storage.getStore());
                await (async () => {
                    await delay(1);
                    seen.push(storage.getStore());
                })();
                seen.push(storage.getStore());
                return seen;
            }),
        ),
    );
    assert.deepStrictEqual(
        results,
        [1, 2, 3].map((n) => [n, n, n, n, n]),
    );
    assert.strictEqual(storage.getStore(), undefined);
});
test('await of what is no promise', async () => {
    const storage = new AsyncLocalStorage();
    await storage.run('v', async () => {
        await 5;
        assert.strictEqual(storage.getStore(), 'v');
        await null;
        assert.strictEqual(storage.getStore(), 'v');
    });
});
test('timers, nextTick, then, catch and finally', async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    await storage.run(
        'x',
        () =>
            new Promise((resolve) => {
                setTimeout(() => {
                    seen.push(storage.getStore());
                    process.nextTick(() => {
                        seen.push(storage.getStore());
                        setImmediate(() => {
                            seen.push(storage.getStore());
                            Promise.reject(new Error('no'))
                                .catch(() => seen.push(storage.getStore()))
                                .finally(() => {
                                    seen.push(storage.getStore());
                                    queueMicrotask(() => {
                                        seen.push(storage.getStore());
                                        resolve();
                                    });
                                });
                        });
                    });
                }, 1);
            }),
    );
    assert.deepStrictEqual(seen, ['x', 'x', 'x', 'x', 'x', 'x']);
});
test('a rejection keeps its store', async () => {
    const storage = new AsyncLocalStorage();
    await assert.rejects(
        storage.run(1, async () => {
            await delay(1);
            throw new Error(`in ${storage.getStore()}`);
        }),
        /in 1/,
    );
    await storage.run(2, async () => {
        try {
            await Promise.reject(new Error('x'));
        } catch {
            assert.strictEqual(storage.getStore(), 2);
        }
    });
});
test('async generators and for await', async () => {
    const storage = new AsyncLocalStorage();
    async function* numbers() {
        yield storage.getStore();
        await delay(1);
        yield storage.getStore();
    }
    await storage.run('g', async () => {
        const seen = [];
        for await (const value of numbers()) seen.push(value, storage.getStore());
        assert.deepStrictEqual(seen, ['g', 'g', 'g', 'g']);
    });
});
test('a run that is not awaited leaves no store behind', async () => {
    const storage = new AsyncLocalStorage();
    const promise = storage.run('inner', () => delay(3));
    assert.strictEqual(storage.getStore(), undefined);
    await delay(1);
    assert.strictEqual(storage.getStore(), undefined);
    await promise;
    assert.strictEqual(storage.getStore(), undefined);
});
test('enterWith', async () => {
    const storage = new AsyncLocalStorage();
    await (async () => {
        storage.enterWith('e');
        assert.strictEqual(storage.getStore(), 'e');
        await delay(1);
        assert.strictEqual(storage.getStore(), 'e');
    })();
});
test('bind and snapshot', () => {
    const storage = new AsyncLocalStorage();
    const bound = storage.run(7, () => AsyncResource.bind(() => storage.getStore()));
    assert.strictEqual(bound(), 7);
    const snapshot = storage.run(8, () => AsyncLocalStorage.snapshot());
    assert.strictEqual(
        snapshot(() => storage.getStore()),
        8,
    );
    assert.strictEqual(storage.run(9, () => AsyncLocalStorage.bind((x) => storage.getStore() + x))(1), 10);
});
test('AsyncResource', () => {
    const storage = new AsyncLocalStorage();
    const resource = storage.run('r', () => new AsyncResource('TEST'));
    assert.strictEqual(
        resource.runInAsyncScope((x) => `${storage.getStore()}${x}`, null, 1),
        'r1',
    );
    assert.strictEqual(typeof resource.asyncId(), 'number');
    assert.strictEqual(resource.emitDestroy(), resource);
    assert.strictEqual(typeof executionAsyncId(), 'number');
    createHook({}).enable().disable();
});
test('promises are what they were', async () => {
    const promise = Promise.resolve(1);
    assert(promise instanceof Promise);
    assert.strictEqual(promise.constructor.name, 'Promise');
    assert.strictEqual(await promise.then((x) => x + 1).finally(() => {}), 2);
    class Own extends Promise {}
    assert(new Own((resolve) => resolve(1)).then(() => {}) instanceof Own);
    assert.deepStrictEqual(await Promise.allSettled([promise, Promise.reject(new Error('x')).catch(() => 2)]), [
        { status: 'fulfilled', value: 1 },
        { status: 'fulfilled', value: 2 },
    ]);
    assert.strictEqual(await Promise.race([delay(5), promise]), 1);
    assert.strictEqual(require('util').types.isPromise(promise), true);
    assert.strictEqual(
        await {
            then(resolve) {
                resolve('thenable');
            },
        },
        'thenable',
    );
});
