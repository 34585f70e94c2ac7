// `diagnostics_channel`.

const { validateFunction } = require('node/internal/errors');

const channels = new Map();

class Channel {
    #subscribers = [];
    #stores = new Map();

    constructor(name) { this.name = name; }
    get hasSubscribers() { return this.#subscribers.length > 0 || this.#stores.size > 0; }

    subscribe(listener) {
        validateFunction(listener, 'subscription');
        this.#subscribers = [...this.#subscribers, listener];
    }

    unsubscribe(listener) {
        const at = this.#subscribers.indexOf(listener);
        if (at >= 0) this.#subscribers = this.#subscribers.toSpliced(at, 1);
        return at >= 0;
    }

    publish(message) {
        for (const listener of this.#subscribers) {
            try {
                listener(message, this.name);
            } catch (error) {
                require('internal/timers').nextTick(() => { throw error; });
            }
        }
    }

    bindStore(store, transform) { this.#stores.set(store, transform); }
    unbindStore(store) { return this.#stores.delete(store); }

    runStores(message, run, self, ...values) {
        let call = () => {
            this.publish(message);
            return Reflect.apply(run, self, values);
        };
        for (const [store, transform] of this.#stores) {
            const inner = call;
            call = () => store.run(transform ? transform(message) : message, inner);
        }
        return call();
    }
}

function channel(name) {
    if (!channels.has(name)) channels.set(name, new Channel(name));
    return channels.get(name);
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
    constructor(name) {
        for (const event of EVENTS)
            this[event] = typeof name === 'string' ? channel(`tracing:${name}:${event}`) : name[event];
    }

    get hasSubscribers() { return EVENTS.some((event) => this[event].hasSubscribers); }

    subscribe(handlers) {
        for (const event of EVENTS) if (handlers[event]) this[event].subscribe(handlers[event]);
    }

    unsubscribe(handlers) {
        return EVENTS.every((event) => !handlers[event] || this[event].unsubscribe(handlers[event]));
    }

    traceSync(run, context = {}, self = undefined, ...values) {
        return this.start.runStores(context, () => {
            try {
                context.result = Reflect.apply(run, self, values);
                return context.result;
            } catch (error) {
                context.error = error;
                this.error.publish(context);
                throw error;
            } finally {
                this.end.publish(context);
            }
        });
    }

    tracePromise(run, context = {}, self = undefined, ...values) {
        return this.traceSync(() => Promise.resolve(Reflect.apply(run, self, values)).then((result) => {
            context.result = result;
            this.asyncStart.publish(context);
            this.asyncEnd.publish(context);
            return result;
        }, (error) => {
            context.error = error;
            this.error.publish(context);
            this.asyncStart.publish(context);
            this.asyncEnd.publish(context);
            throw error;
        }), context);
    }
}

module.exports = {
    Channel, channel,
    hasSubscribers: (name) => channels.has(name) && channels.get(name).hasSubscribers,
    subscribe: (name, listener) => channel(name).subscribe(listener),
    unsubscribe: (name, listener) => channel(name).unsubscribe(listener),
    tracingChannel: (name) => new TracingChannel(name),
};
