// Timers, immediates and process.nextTick. Rust's event loop calls runTicks and runNext; the order of things is there.
//
// A function app has no end of its own: `unref` only sets a flag, and what is pending when an invocation ends goes on in
// the instance's next invocation.

const host = binding('host');
const { tickWaits } = binding('loop');

const LONGEST = 2147483647;

// A binary heap of pending timers by due time, then by order of creation.
const heap = [];
const timersById = new Map();
let lastId = 0;

let ticks = [];
let batch = [];
let batchAt = 0;
let immediates = [];

function before(a, b) {
    return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function up(at) {
    const timer = heap[at];
    while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!before(timer, heap[parent])) break;
        heap[at] = heap[parent];
        heap[at].at = at;
        at = parent;
    }
    heap[at] = timer;
    timer.at = at;
}

function down(at) {
    const timer = heap[at];
    for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], timer)) break;
        heap[at] = heap[child];
        heap[at].at = at;
        at = child;
    }
    heap[at] = timer;
    timer.at = at;
}

function unlink(timer) {
    const { at } = timer;
    if (at < 0) return;
    timer.at = -1;
    const last = heap.pop();
    if (last !== timer) {
        heap[at] = last;
        last.at = at;
        up(at);
        down(last.at);
    }
}

let order = 0;

function schedule(timer) {
    timer.due = host.monotonic() + timer._idleTimeout;
    timer.order = order++;
    timer.at = heap.length;
    heap.push(timer);
    up(timer.at);
}

class Timeout {
    constructor(callback, delay, args, repeat) {
        delay = Number(delay);
        this._idleTimeout = delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1;
        this._onTimeout = callback;
        this._repeat = repeat ? this._idleTimeout : null;
        this.args = args;
        this.referenced = true;
        this.at = -1;
        this.id = 0;
        schedule(this);
    }

    ref() {
        this.referenced = true;
        return this;
    }

    unref() {
        this.referenced = false;
        return this;
    }

    hasRef() {
        return this.referenced;
    }

    refresh() {
        if (this._onTimeout !== null) {
            unlink(this);
            schedule(this);
        }
        return this;
    }

    close() {
        clearTimeout(this);
        return this;
    }

    [Symbol.toPrimitive]() {
        if (this.id === 0) {
            this.id = ++lastId;
            if (this.at >= 0) timersById.set(this.id, this);
        }
        return this.id;
    }
}

class Immediate {
    constructor(callback, args) {
        this._onImmediate = callback;
        this.args = args;
        this.referenced = true;
        immediates.push(this);
    }

    ref() {
        this.referenced = true;
        return this;
    }

    unref() {
        this.referenced = false;
        return this;
    }

    hasRef() {
        return this.referenced;
    }
}

if (Symbol.dispose !== undefined) {
    Timeout.prototype[Symbol.dispose] = function () {
        clearTimeout(this);
    };
    Immediate.prototype[Symbol.dispose] = function () {
        clearImmediate(this);
    };
}

function checkCallback(callback) {
    if (typeof callback === 'function') return;
    const error = new TypeError(
        `The "callback" argument must be of type function. Received ${callback === null ? 'null' : typeof callback}`);
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
}

function setTimeout(callback, delay, ...args) {
    checkCallback(callback);
    return new Timeout(callback, delay, args, false);
}

function setInterval(callback, delay, ...args) {
    checkCallback(callback);
    return new Timeout(callback, delay, args, true);
}

function setImmediate(callback, ...args) {
    checkCallback(callback);
    return new Immediate(callback, args);
}

function clearTimeout(timer) {
    if (typeof timer === 'number' || typeof timer === 'string') timer = timersById.get(Number(timer));
    if (!(timer instanceof Timeout)) return;
    unlink(timer);
    forget(timer);
}

function forget(timer) {
    timer._onTimeout = null;
    timer._repeat = null;
    if (timer.id !== 0) timersById.delete(timer.id);
}

function clearImmediate(immediate) {
    if (immediate instanceof Immediate) immediate._onImmediate = null;
}

function nextTick(callback, ...args) {
    checkCallback(callback);
    if (ticks.length === 0) tickWaits();
    ticks.push(callback, args);
}

const resolved = Promise.resolve();
const { then } = Promise.prototype;

function queueMicrotask(callback) {
    checkCallback(callback);
    Reflect.apply(then, resolved, [() => {
        callback();
    }]);
}

// Runs all ticks, also those that they add. Those after one that throws wait for the next call.
function runTicks() {
    let at = 0;
    try {
        while (at < ticks.length) {
            at += 2;
            ticks[at - 2](...ticks[at - 1]);
        }
    } finally {
        ticks = ticks.slice(at);
        if (ticks.length > 0) tickWaits();
    }
}

// Runs one callback that is due and returns 0; or the milliseconds until a timer is due; -1 when there is none.
function runNext() {
    if (batchAt < batch.length) return runImmediate();
    let wait = -1;
    if (heap.length > 0) {
        const timer = heap[0];
        wait = timer.due - host.monotonic();
        if (wait <= 0) {
            runTimer(timer);
            return 0;
        }
    }
    if (immediates.length > 0) {
        batch = immediates;
        batchAt = 0;
        immediates = [];
        return runImmediate();
    }
    return wait;
}

function runTimer(timer) {
    const callback = timer._onTimeout;
    unlink(timer);
    try {
        callback.apply(timer, timer.args);
    } finally {
        // The callback may have cleared or refreshed it.
        if (timer._onTimeout !== null && timer.at < 0) {
            if (timer._repeat !== null) schedule(timer);
            else forget(timer);
        }
    }
}

function runImmediate() {
    const immediate = batch[batchAt++];
    const callback = immediate._onImmediate;
    if (callback !== null) {
        immediate._onImmediate = null;
        callback.apply(immediate, immediate.args);
    }
    return 0;
}

exports.Timeout = Timeout;
exports.Immediate = Immediate;
exports.nextTick = nextTick;
exports.runTicks = runTicks;
exports.runNext = runNext;
exports.globals = {
    setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate, queueMicrotask,
};
