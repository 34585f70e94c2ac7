// EventEmitter. Listeners of an event are kept as one function or an array of them, so that `emit` makes no copies for
// the common single listener.

const { AbortError, invalidArgType, nodeError, outOfRange, validateAbortSignal } = require('node/internal/errors');

const captureRejection = Symbol.for('nodejs.rejection');
const errorMonitor = Symbol('events.errorMonitor');
const capture = Symbol('kCapture');
let defaultMaxListeners = 10;

function EventEmitter(options) {
    EventEmitter.init.call(this, options);
}
EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;

EventEmitter.init = function init(options) {
    if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
        this._events = Object.create(null);
        this._eventsCount = 0;
    }
    this._maxListeners = this._maxListeners || undefined;
    if (options?.captureRejections) this[capture] = Boolean(options.captureRejections);
};

function checkListener(listener) {
    if (typeof listener !== 'function') throw invalidArgType('listener', 'Function', listener);
}

function add(emitter, type, listener, first) {
    checkListener(listener);
    let events = emitter._events;
    if (events === undefined) {
        events = emitter._events = Object.create(null);
        emitter._eventsCount = 0;
    } else if (events.newListener !== undefined) {
        emitter.emit('newListener', type, listener.listener ?? listener);
        events = emitter._events;
    }
    const existing = events[type];
    if (existing === undefined) {
        events[type] = listener;
        emitter._eventsCount++;
    } else if (typeof existing === 'function') {
        events[type] = first ? [listener, existing] : [existing, listener];
        checkCount(emitter, type, events[type]);
    } else {
        if (first) existing.unshift(listener);
        else existing.push(listener);
        checkCount(emitter, type, existing);
    }
    return emitter;
}

function checkCount(emitter, type, list) {
    const max = emitter.getMaxListeners();
    if (max <= 0 || list.length <= max || list.warned) return;
    list.warned = true;
    const { inspect } = require('node/internal/inspect');
    const warning = new Error(
        `Possible EventEmitter memory leak detected. ${list.length} ${String(type)} listeners added to ` +
            `${inspect(emitter, { depth: -1 })}. MaxListeners is ${max}. ` +
            'Use emitter.setMaxListeners() to increase limit',
    );
    warning.name = 'MaxListenersExceededWarning';
    warning.emitter = emitter;
    warning.type = type;
    warning.count = list.length;
    require('node/process').emitWarning(warning);
}

function onceWrapper() {
    if (this.fired) return undefined;
    this.target.removeListener(this.type, this.wrapFn);
    this.fired = true;
    return Reflect.apply(this.listener, this.target, arguments);
}

function wrapOnce(target, type, listener) {
    checkListener(listener);
    const state = { fired: false, wrapFn: undefined, target, type, listener };
    const wrapped = onceWrapper.bind(state);
    wrapped.listener = listener;
    state.wrapFn = wrapped;
    return wrapped;
}

function watchRejection(emitter, promise, type, values) {
    if (promise === null || typeof promise !== 'object' || typeof promise.then !== 'function') return;
    promise.then(undefined, (error) => require('node/process').nextTick(() => {
        if (typeof emitter[captureRejection] === 'function') {
            emitter[captureRejection](error, type, ...values);
            return;
        }
        const before = emitter[capture];
        emitter[capture] = false;
        try {
            emitter.emit('error', error);
        } finally {
            emitter[capture] = before;
        }
    }));
}

function throwUnhandled(error) {
    if (error instanceof Error) throw error;
    const shown = require('node/internal/inspect').inspect(error);
    const unhandled = nodeError(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${shown})`);
    unhandled.context = error;
    throw unhandled;
}

EventEmitter.prototype.emit = function emit(type, ...values) {
    const events = this._events;
    if (type === 'error') {
        if (events !== undefined && events[errorMonitor] !== undefined) this.emit(errorMonitor, ...values);
        if (events === undefined || events.error === undefined) throwUnhandled(values[0]);
    } else if (events === undefined) {
        return false;
    }
    const handler = events[type];
    if (handler === undefined) return false;
    const watched = this[capture];
    if (typeof handler === 'function') {
        const result = Reflect.apply(handler, this, values);
        if (watched && result) watchRejection(this, result, type, values);
    } else {
        for (const listener of handler.slice()) {
            const result = Reflect.apply(listener, this, values);
            if (watched && result) watchRejection(this, result, type, values);
        }
    }
    return true;
};

EventEmitter.prototype.removeListener = function removeListener(type, listener) {
    checkListener(listener);
    const events = this._events;
    const list = events && events[type];
    if (list === undefined) return this;
    if (list === listener || list.listener === listener) {
        this._eventsCount--;
        delete events[type];
        if (events.removeListener) this.emit('removeListener', type, list.listener ?? listener);
    } else if (typeof list !== 'function') {
        const at = list.findLastIndex((item) => item === listener || item.listener === listener);
        if (at < 0) return this;
        list.splice(at, 1);
        if (list.length === 1) [events[type]] = list;
        if (events.removeListener !== undefined) this.emit('removeListener', type, listener);
    }
    return this;
};

EventEmitter.prototype.removeAllListeners = function removeAllListeners(type) {
    const events = this._events;
    if (events === undefined) return this;
    if (arguments.length === 0) {
        if (events.removeListener !== undefined) {
            for (const key of Reflect.ownKeys(events)) if (key !== 'removeListener') this.removeAllListeners(key);
            this.removeAllListeners('removeListener');
        }
        this._events = Object.create(null);
        this._eventsCount = 0;
    } else if (events[type] !== undefined) {
        if (events.removeListener !== undefined) {
            for (const listener of this.rawListeners(type).reverse()) this.removeListener(type, listener);
        } else {
            delete events[type];
            this._eventsCount--;
        }
    }
    return this;
};

function listenersOf(emitter, type, unwrap) {
    const list = emitter._events && emitter._events[type];
    if (list === undefined) return [];
    const all = typeof list === 'function' ? [list] : list.slice();
    return unwrap ? all.map((listener) => listener.listener ?? listener) : all;
}

const methods = {
    on(type, listener) { return add(this, type, listener, false); },
    addListener(type, listener) { return add(this, type, listener, false); },
    prependListener(type, listener) { return add(this, type, listener, true); },
    once(type, listener) { return this.on(type, wrapOnce(this, type, listener)); },
    prependOnceListener(type, listener) { return this.prependListener(type, wrapOnce(this, type, listener)); },
    off: EventEmitter.prototype.removeListener,
    listeners(type) { return listenersOf(this, type, true); },
    rawListeners(type) { return listenersOf(this, type, false); },
    listenerCount(type, listener) {
        const list = listenersOf(this, type, true);
        return listener === undefined ? list.length : list.filter((item) => item === listener).length;
    },
    eventNames() { return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : []; },
    setMaxListeners(count) {
        if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) {
            throw outOfRange('setMaxListeners', 'a non-negative number', count);
        }
        this._maxListeners = count;
        return this;
    },
    getMaxListeners() { return this._maxListeners === undefined ? defaultMaxListeners : this._maxListeners; },
};
Object.assign(EventEmitter.prototype, methods);

Object.defineProperty(EventEmitter, 'defaultMaxListeners', {
    enumerable: true,
    get() { return defaultMaxListeners; },
    set(count) {
        if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) {
            throw outOfRange('defaultMaxListeners', 'a non-negative number', count);
        }
        defaultMaxListeners = count;
    },
});
Object.defineProperty(EventEmitter, 'captureRejections', {
    enumerable: true,
    get() { return EventEmitter.prototype[capture]; },
    set(value) { EventEmitter.prototype[capture] = value; },
});
Object.defineProperty(EventEmitter.prototype, capture, { value: false, writable: true, enumerable: false });

function subscribe(emitter, type, listener, once) {
    if (typeof emitter.on === 'function') {
        if (once) emitter.once(type, listener);
        else emitter.on(type, listener);
    } else if (typeof emitter.addEventListener === 'function') {
        emitter.addEventListener(type, listener, { once });
    } else {
        throw invalidArgType('emitter', 'EventEmitter', emitter);
    }
}

function unsubscribe(emitter, type, listener) {
    if (typeof emitter.removeListener === 'function') emitter.removeListener(type, listener);
    else emitter.removeEventListener(type, listener);
}

/** A promise of the event's values; an 'error' rejects it. */
async function once(emitter, type, options = {}) {
    const { signal } = options;
    validateAbortSignal(signal, 'options.signal');
    if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
    return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
            unsubscribe(emitter, type, onEvent);
            if (type !== 'error' && typeof emitter.once === 'function') emitter.removeListener('error', onError);
            signal?.removeEventListener('abort', onAbort);
            settle(value);
        };
        const onEvent = (...values) => finish(resolve, values);
        const onError = (error) => finish(reject, error);
        const onAbort = () => finish(reject, new AbortError(undefined, { cause: signal.reason }));
        subscribe(emitter, type, onEvent, true);
        if (type !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
        signal?.addEventListener('abort', onAbort, { once: true });
    });
}

/** An async iterator of the event's values. */
function on(emitter, type, options = {}) {
    const { signal, close = [] } = options;
    validateAbortSignal(signal, 'options.signal');
    if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
    const events = [];
    const waiting = [];
    let failure;
    let finished = false;
    const onEvent = (...values) => {
        if (waiting.length > 0) waiting.shift().resolve({ value: values, done: false });
        else events.push(values);
    };
    const onError = (error) => {
        if (waiting.length > 0) waiting.shift().reject(error);
        else failure = { error };
        iterator.return();
    };
    const onAbort = () => onError(new AbortError(undefined, { cause: signal.reason }));
    const onClose = () => iterator.return();
    const iterator = {
        next() {
            if (events.length > 0) return Promise.resolve({ value: events.shift(), done: false });
            if (failure) {
                const { error } = failure;
                failure = undefined;
                return Promise.reject(error);
            }
            if (finished) return Promise.resolve({ value: undefined, done: true });
            return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
        },
        return() {
            unsubscribe(emitter, type, onEvent);
            if (typeof emitter.on === 'function') emitter.removeListener('error', onError);
            for (const name of close) unsubscribe(emitter, name, onClose);
            signal?.removeEventListener('abort', onAbort);
            finished = true;
            for (const { resolve } of waiting.splice(0)) resolve({ value: undefined, done: true });
            return Promise.resolve({ value: undefined, done: true });
        },
        throw(error) {
            if (!(error instanceof Error)) throw invalidArgType('EventEmitter.AsyncIterator', 'Error', error);
            onError(error);
        },
        [Symbol.asyncIterator]() { return this; },
    };
    subscribe(emitter, type, onEvent, false);
    if (type !== 'error' && typeof emitter.on === 'function') emitter.on('error', onError);
    for (const name of close) subscribe(emitter, name, onClose, true);
    signal?.addEventListener('abort', onAbort, { once: true });
    return iterator;
}

function setMaxListeners(count = defaultMaxListeners, ...targets) {
    if (typeof count !== 'number' || count < 0 || Number.isNaN(count)) {
        throw outOfRange('n', 'a non-negative number', count);
    }
    if (targets.length === 0) defaultMaxListeners = count;
    for (const target of targets) if (typeof target.setMaxListeners === 'function') target.setMaxListeners(count);
}

function addAbortListener(signal, listener) {
    if (signal === undefined) throw invalidArgType('signal', 'AbortSignal', signal);
    validateAbortSignal(signal, 'signal');
    checkListener(listener);
    if (signal.aborted) queueMicrotask(() => listener());
    else signal.addEventListener('abort', listener, { once: true });
    const stop = () => signal.removeEventListener('abort', listener);
    return { dispose: stop, [Symbol.dispose ?? Symbol.for('nodejs.dispose')]: stop };
}

class EventEmitterAsyncResource extends EventEmitter {}

module.exports = Object.assign(EventEmitter, {
    EventEmitter, EventEmitterAsyncResource, addAbortListener, errorMonitor, on, once, setMaxListeners,
    captureRejectionSymbol: captureRejection,
    usingDomains: false,
    listenerCount: (emitter, type) => emitter.listenerCount(type),
    getEventListeners: (emitter, type) => (typeof emitter.listeners === 'function' ? emitter.listeners(type) : []),
    getMaxListeners: (emitter) => emitter.getMaxListeners?.() ?? defaultMaxListeners,
});
