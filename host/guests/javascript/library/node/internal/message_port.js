// MessageChannel and MessagePort: messages between parts of one instance, each a structured clone, delivered in a turn
// of its own.

const { globals } = require('internal/timers');
const { notAvailable } = require('node/internal/errors');
const { Event, EventTarget } = require('web/events');

class MessageEvent extends Event {
    #init;

    constructor(type, init = {}) {
        super(type, init);
        this.#init = init;
    }

    get data() {
        return this.#init.data ?? null;
    }

    get origin() {
        return this.#init.origin ?? '';
    }

    get lastEventId() {
        return this.#init.lastEventId ?? '';
    }

    get source() {
        return this.#init.source ?? null;
    }

    get ports() {
        return this.#init.ports ?? [];
    }
}

let allowed = false;

class MessagePort extends EventTarget {
    #other = null;
    #queue = [];
    #started = false;
    #closed = false;
    #handler = null;
    #wrapped = new Map();

    constructor() {
        super();
        if (!allowed) throw new TypeError('Illegal constructor');
    }

    static pair() {
        allowed = true;
        const ports = [new MessagePort(), new MessagePort()];
        allowed = false;
        ports[0].#other = ports[1];
        ports[1].#other = ports[0];
        return ports;
    }

    postMessage(message, options) {
        const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
        const data = globalThis.structuredClone(message, {
            transfer: transfer.filter((item) => item instanceof ArrayBuffer),
        });
        const other = this.#other;
        if (this.#closed || other === null || other.#closed) return;
        other.#queue.push(data);
        if (other.#started) globals.setImmediate(() => other.#deliver());
    }

    #deliver() {
        if (this.#closed || this.#queue.length === 0) return;
        this.dispatchEvent(new MessageEvent('message', { data: this.#queue.shift() }));
    }

    start() {
        if (this.#started) return;
        this.#started = true;
        for (let i = 0; i < this.#queue.length; i++) globals.setImmediate(() => this.#deliver());
    }

    close() {
        for (const port of [this, this.#other]) {
            if (port === null || port.#closed) continue;
            port.#closed = true;
            globals.setImmediate(() => port.dispatchEvent(new Event('close')));
        }
    }

    get onmessage() {
        return this.#handler;
    }

    set onmessage(handler) {
        if (this.#handler !== null) this.removeEventListener('message', this.#handler);
        this.#handler = typeof handler === 'function' ? handler : null;
        if (this.#handler === null) return;
        this.addEventListener('message', this.#handler);
        this.start();
    }

    /** Node's way to listen: the handler gets the message itself. */
    on(type, handler) {
        const listener = (event) => handler(type === 'message' ? event.data : event);
        this.#wrapped.set(handler, listener);
        this.addEventListener(type, listener);
        if (type === 'message') this.start();
        return this;
    }

    once(type, handler) {
        const once = (value) => {
            this.off(type, once);
            handler(value);
        };
        return this.on(type, once);
    }

    off(type, handler) {
        this.removeEventListener(type, this.#wrapped.get(handler) ?? handler);
        this.#wrapped.delete(handler);
        return this;
    }

    ref() {}
    unref() {}
    hasRef() {
        return this.#started && !this.#closed;
    }
}
MessagePort.prototype.addListener = MessagePort.prototype.on;
MessagePort.prototype.removeListener = MessagePort.prototype.off;
const { pair } = MessagePort;
delete MessagePort.pair;

class MessageChannel {
    constructor() {
        [this.port1, this.port2] = pair();
    }
}

/** Known by name; there is nobody else to talk to. */
class BroadcastChannel extends EventTarget {
    constructor(name) {
        super();
        throw notAvailable(`BroadcastChannel ${name}`, 'Instances of an app share nothing; use a store or a queue.');
    }
}

module.exports = { BroadcastChannel, MessageChannel, MessageEvent, MessagePort };
Object.defineProperty(module.exports, 'globals', {
    value: { BroadcastChannel, MessageChannel, MessageEvent, MessagePort }, enumerable: false,
});
