// Event, CustomEvent and EventTarget (DOM 2). There is no tree of nodes here, so an event only ever is at its target.
// What a listener throws becomes an unhandled rejection: the other listeners still run and the invocation fails.
'use strict';

const { defineInterface, defineConstants, needArguments, toDictionary, inspect } = require('web/idl');
const { DOMException } = require('web/dom-exception');
const performance = require('web/performance');

let dispatch;
let trust;

class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #timeStamp = performance.now();
    #target = null;
    #currentTarget = null;
    #phase = 0;
    #dispatching = false;
    #stopped = false;
    #stoppedImmediately = false;
    #canceled = false;
    #passive = false;
    #trusted = false;

    constructor(type, options = undefined) {
        needArguments(arguments.length, 1, 'Event');
        this.#type = `${type}`;
        const { bubbles, cancelable, composed } = toDictionary(options, 'Event');
        this.#bubbles = Boolean(bubbles);
        this.#cancelable = Boolean(cancelable);
        this.#composed = Boolean(composed);
    }

    get type() {
        return this.#type;
    }

    get target() {
        return this.#target;
    }

    get srcElement() {
        return this.#target;
    }

    get currentTarget() {
        return this.#currentTarget;
    }

    get eventPhase() {
        return this.#phase;
    }

    get bubbles() {
        return this.#bubbles;
    }

    get cancelable() {
        return this.#cancelable;
    }

    get composed() {
        return this.#composed;
    }

    get defaultPrevented() {
        return this.#canceled;
    }

    get returnValue() {
        return !this.#canceled;
    }

    set returnValue(value) {
        if (!value) this.preventDefault();
    }

    get cancelBubble() {
        return this.#stopped;
    }

    set cancelBubble(value) {
        if (value) this.#stopped = true;
    }

    get isTrusted() {
        return this.#trusted;
    }

    get timeStamp() {
        return this.#timeStamp;
    }

    composedPath() {
        return this.#currentTarget === null ? [] : [this.#currentTarget];
    }

    preventDefault() {
        if (this.#cancelable && !this.#passive) this.#canceled = true;
    }

    stopPropagation() {
        this.#stopped = true;
    }

    stopImmediatePropagation() {
        this.#stopped = true;
        this.#stoppedImmediately = true;
    }

    initEvent(type, bubbles = false, cancelable = false) {
        needArguments(arguments.length, 1, 'Event.initEvent');
        if (this.#dispatching) return;
        this.#type = `${type}`;
        this.#bubbles = Boolean(bubbles);
        this.#cancelable = Boolean(cancelable);
        this.#target = null;
        this.#stopped = this.#stoppedImmediately = this.#canceled = this.#trusted = false;
    }

    [inspect](depth, options, show) {
        const { type, defaultPrevented, cancelable, timeStamp } = this;
        return `${this.constructor.name} ${show({ type, defaultPrevented, cancelable, timeStamp }, options)}`;
    }

    static {
        trust = (event) => {
            event.#trusted = true;
            return event;
        };
        dispatch = (event, target, listeners) => {
            if (!(#type in event)) throw new TypeError('EventTarget.dispatchEvent: the argument is not an Event.');
            if (event.#dispatching)
                throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
            event.#dispatching = true;
            event.#target = event.#currentTarget = target;
            event.#phase = Event.AT_TARGET;
            // Capturing listeners come first; a listener added meanwhile has to wait for the next event.
            const all = listeners?.get(event.#type) ?? [];
            for (const capture of [true, false]) {
                if (event.#stopped) break;
                for (const listener of all.filter((one) => one.capture === capture)) {
                    if (listener.removed) continue;
                    if (listener.once) removeListener(listeners, event.#type, listener);
                    event.#passive = listener.passive;
                    callListener(listener.callback, target, event);
                    event.#passive = false;
                    if (event.#stoppedImmediately) break;
                }
            }
            event.#phase = Event.NONE;
            event.#currentTarget = null;
            event.#dispatching = event.#stopped = event.#stoppedImmediately = false;
            return !event.#canceled;
        };
    }
}
defineInterface(Event);
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

function callListener(callback, target, event) {
    try {
        if (typeof callback === 'function') {
            callback.call(target, event);
            return;
        }
        const { handleEvent } = callback;
        if (typeof handleEvent !== 'function') throw new TypeError('The listener has no handleEvent function.');
        handleEvent.call(callback, event);
    } catch (error) {
        Promise.reject(error);
    }
}

class CustomEvent extends Event {
    #detail;

    constructor(type, options = undefined) {
        needArguments(arguments.length, 1, 'CustomEvent');
        super(type, options);
        this.#detail = options?.detail ?? null;
    }

    get detail() {
        return this.#detail;
    }

    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
        needArguments(arguments.length, 1, 'CustomEvent.initCustomEvent');
        this.initEvent(type, bubbles, cancelable);
        this.#detail = detail;
    }
}
defineInterface(CustomEvent);

class EventTarget {
    #listeners = null;

    addEventListener(type, callback, options = undefined) {
        needArguments(arguments.length, 2, 'EventTarget.addEventListener');
        const listener = toListener(callback, options);
        const signal = typeof options === 'object' && options !== null ? options.signal : undefined;
        if (signal !== undefined && !(signal instanceof EventTarget && 'aborted' in signal)) {
            throw new TypeError('EventTarget.addEventListener: the signal must be an AbortSignal.');
        }
        if (callback === null || callback === undefined || signal?.aborted) return;
        const name = `${type}`;
        const all = (this.#listeners ??= new Map()).get(name);
        if (all === undefined) {
            this.#listeners.set(name, [listener]);
        } else {
            if (findListener(all, listener) !== undefined) return;
            all.push(listener);
        }
        signal?.addEventListener('abort', () => removeListener(this.#listeners, name, listener), { once: true });
    }

    removeEventListener(type, callback, options = undefined) {
        needArguments(arguments.length, 2, 'EventTarget.removeEventListener');
        const name = `${type}`;
        const listener = findListener(this.#listeners?.get(name) ?? [], toListener(callback, options));
        if (listener !== undefined) removeListener(this.#listeners, name, listener);
    }

    dispatchEvent(event) {
        needArguments(arguments.length, 1, 'EventTarget.dispatchEvent');
        if (typeof event !== 'object' || event === null) {
            throw new TypeError('EventTarget.dispatchEvent: the argument is not an Event.');
        }
        return dispatch(event, this, this.#listeners);
    }

    static {
        exports.fire = (target, type) => {
            if (target.#listeners?.has(type)) dispatch(trust(new Event(type)), target, target.#listeners);
        };
    }
}
defineInterface(EventTarget);

function toListener(callback, options) {
    if (callback !== null && callback !== undefined && typeof callback !== 'function' && typeof callback !== 'object') {
        throw new TypeError('The listener must be a function or an object with handleEvent.');
    }
    const detailed = typeof options === 'object' && options !== null;
    return {
        callback,
        capture: Boolean(detailed ? options.capture : options),
        once: Boolean(detailed && options.once),
        passive: Boolean(detailed && options.passive),
        removed: false,
    };
}

function findListener(all, { callback, capture }) {
    return all.find((one) => one.callback === callback && one.capture === capture);
}

function removeListener(listeners, type, listener) {
    listener.removed = true;
    const all = listeners.get(type) ?? [];
    const index = all.indexOf(listener);
    if (index < 0) return;
    if (all.length === 1) listeners.delete(type);
    else all.splice(index, 1);
}

exports.Event = Event;
exports.EventTarget = EventTarget;
exports.globals = { Event, CustomEvent, EventTarget };
