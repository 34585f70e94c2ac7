// `async_hooks`. QuickJS tells nobody when a promise's reaction runs, so AsyncLocalStorage carries its stores itself,
// from its first use in an instance on: timers and `then` remember the stores that were current when they were called,
// and so does `await` of a promise, because resolving with a promise asks for its `then`. (For that `await` has to take
// the promise for a foreign one, which is why `constructor` of promises is an alias of Promise from then on.)
//
// What cannot be caught is `await` of something that is no promise. There the stores of the one pending `run` hold;
// when several runs that are not inside each other are pending, there are none.

const { classOf } = require('node/internal/types');
const { validateFunction, validateString } = require('node/internal/errors');

/** No stores, as opposed to not knowing. */
const NONE = new Map();
/** Stores by AsyncLocalStorage, a Map that is never changed; undefined in a job whose stores nobody carried. */
let current;
const timers = require('internal/timers').globals;
let enabled = false;
/** The runs whose promises are pending, each inside the one before it, or `mixed`. */
let pending = [];
let mixed = false;

/** Forgets what the invocation before left pending: its stores are not those of the next. */
function begin() {
    current = undefined;
    pending = [];
    mixed = false;
}

function frame() {
    if (current !== undefined) return current;
    return pending.length > 0 && !mixed ? pending[pending.length - 1].stores : NONE;
}

/** Keeps what is current now so for the rest of this job, whatever `run` leaves pending. */
function settle() {
    if (current !== undefined) return;
    current = frame();
    timers.queueMicrotask(() => { current = undefined; });
}

/** Calls with the given stores being the current ones. */
function within(stores, run, self, values) {
    const before = current;
    current = stores;
    try {
        return Reflect.apply(run, self, values);
    } finally {
        current = before;
    }
}

function bound(run) {
    if (typeof run !== 'function') return run;
    const stores = frame();
    return function (...values) {
        return within(stores, run, this, values);
    };
}

function enable() {
    if (enabled) return;
    enabled = true;
    require('internal/resets').resets.push(begin);
    const { prototype } = Promise;
    const nativeThen = prototype.then;
    const { queueMicrotask } = timers;

    /** A function of the engine that resumes an `await` does so in the next microtask. */
    const reaction = (stores, run) => {
        if (typeof run !== 'function') return run;
        if (classOf(run) === 'Function') {
            return function (value) {
                return within(stores, run, this, [value]);
            };
        }
        return (value) => {
            let before;
            queueMicrotask(() => {
                before = current;
                current = stores;
            });
            run(value);
            queueMicrotask(() => { current = before; });
        };
    };
    const thenWith = (promise, stores, onFulfilled, onRejected) =>
        Reflect.apply(nativeThen, promise, [reaction(stores, onFulfilled), reaction(stores, onRejected)]);
    function then(onFulfilled, onRejected) {
        return thenWith(this, frame(), onFulfilled, onRejected);
    }
    const alias = Object.setPrototypeOf(Promise.bind(null), Promise);
    Object.defineProperties(alias, {
        name: { value: 'Promise', configurable: true },
        prototype: { value: prototype },
        [Symbol.species]: { value: Promise },
        [Symbol.hasInstance]: { value: (value) => value instanceof Promise },
    });
    const settable = (name, get) => Object.defineProperty(prototype, name, {
        configurable: true,
        enumerable: false,
        get,
        set(value) {
            Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true });
        },
    });
    settable('then', function () {
        if (this === prototype) return then;
        const stores = frame();
        return function (onFulfilled, onRejected) { // eslint-disable-line no-shadow
            return thenWith(this, stores, onFulfilled, onRejected);
        };
    });
    settable('constructor', () => alias);
    wrapSchedulers();
}

function wrapSchedulers() {
    const places = [globalThis, require('node/timers')];
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) {
        const original = timers[name];
        const wrapped = { [name]: (run, ...rest) => original(bound(run), ...rest) }[name];
        Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
        for (const place of places) {
            if (Object.hasOwn(place, name) && place[name] === original) {
                Object.defineProperty(place, name, { ...Object.getOwnPropertyDescriptor(place, name), value: wrapped });
            }
        }
    }
    const process = require('node/process');
    const { nextTick } = process;
    process.nextTick = (run, ...rest) => nextTick(bound(run), ...rest);
}

/** Keeps the stores of a `run` as those to fall back to until its promise is settled. */
function hold(stores, before, promise) {
    const entry = { stores, before };
    if (pending.length === 0) mixed = false;
    else if (pending[pending.length - 1].stores !== before) mixed = true;
    pending.push(entry);
    const release = () => {
        pending = pending.filter((other) => other !== entry);
        mixed = pending.some((other, i) => i > 0 && pending[i - 1].stores !== other.before);
    };
    promise.then(release, release);
}

class AsyncLocalStorage {
    #defaultValue;

    constructor(options) {
        this.#defaultValue = options?.defaultValue;
        this.name = options?.name ?? '';
    }

    static bind(run) { return AsyncResource.bind(run); }

    static snapshot() {
        return bound((run, ...values) => run(...values));
    }

    getStore() {
        const stores = frame();
        return stores.has(this) ? stores.get(this) : this.#defaultValue;
    }

    run(store, run, ...values) {
        enable();
        settle();
        const before = current;
        const stores = new Map(before).set(this, store);
        const result = within(stores, run, undefined, values);
        if (classOf(result) === 'Promise') hold(stores, before, result);
        return result;
    }

    exit(run, ...values) {
        enable();
        settle();
        const stores = new Map(current);
        stores.delete(this);
        return within(stores, run, undefined, values);
    }

    enterWith(store) {
        enable();
        settle();
        current = new Map(current).set(this, store);
    }

    disable() {
        if (current?.has(this)) {
            current = new Map(current);
            current.delete(this);
        }
        for (const entry of pending) entry.stores.delete(this);
    }
}

let lastId = 1;

class AsyncResource {
    #id = ++lastId;
    #stores = frame();

    constructor(type) {
        validateString(type, 'type');
        this.type = type;
    }

    static bind(run, type, self) {
        validateFunction(run, 'fn');
        return new AsyncResource(type || run.name || 'bound-anonymous-fn').bind(run, self);
    }

    bind(run, self) {
        validateFunction(run, 'fn');
        const resource = this;
        return Object.defineProperty(function (...values) {
            return resource.runInAsyncScope(run, self ?? this, ...values);
        }, 'length', { value: run.length, configurable: true });
    }

    runInAsyncScope(run, self, ...values) { return within(this.#stores, run, self, values); }
    emitDestroy() { return this; }
    asyncId() { return this.#id; }
    triggerAsyncId() { return 1; }
}

module.exports = {
    AsyncLocalStorage, AsyncResource,
    createHook: () => ({ enable() { return this; }, disable() { return this; } }),
    executionAsyncId: () => 1,
    triggerAsyncId: () => 0,
    executionAsyncResource: () => ({}),
    asyncWrapProviders: Object.freeze({ NONE: 0 }),
};
