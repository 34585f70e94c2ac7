// AbortController and AbortSignal (DOM 3). Signals made by `any` are held by their sources until one of them aborts;
// a source never points at another dependent signal, so chains stay flat.
'use strict';

const { defineInterface, needArguments, toEnforcedInteger, inspect } = require('web/idl');
const { DOMException } = require('web/dom-exception');
const { EventTarget, fire } = require('web/events');

const made = Symbol('made here');
let abort;
let follow;

class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    #algorithms = null;
    #sources = null;
    #dependents = null;
    #onabort = null;

    constructor(token = undefined) {
        if (token !== made) throw new TypeError('Illegal constructor');
        super();
    }

    static abort(reason = undefined) {
        const signal = new AbortSignal(made);
        signal.#aborted = true;
        signal.#reason = reason === undefined ? abortError() : reason;
        return signal;
    }

    static timeout(milliseconds) {
        needArguments(arguments.length, 1, 'AbortSignal.timeout');
        const delay = toEnforcedInteger(milliseconds, 'AbortSignal.timeout');
        const signal = new AbortSignal(made);
        const timer = setTimeout(() => {
            abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
        }, delay);
        timer?.unref?.();
        return signal;
    }

    static any(signals) {
        needArguments(arguments.length, 1, 'AbortSignal.any');
        const sources = [...signals];
        for (const source of sources) {
            if (!isAbortSignal(source)) throw new TypeError('AbortSignal.any: every element must be an AbortSignal.');
        }
        return follow(sources);
    }

    get aborted() {
        return this.#aborted;
    }

    get reason() {
        return this.#reason;
    }

    throwIfAborted() {
        if (this.#aborted) throw this.#reason;
    }

    get onabort() {
        return this.#onabort?.handler ?? null;
    }

    set onabort(value) {
        const handler = typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null;
        if (handler === null) {
            if (this.#onabort !== null) this.removeEventListener('abort', this.#onabort.listener);
            this.#onabort = null;
        } else if (this.#onabort !== null) {
            this.#onabort.handler = handler;
        } else {
            const attribute = { handler, listener: null };
            attribute.listener = function (event) {
                if (typeof attribute.handler === 'function') attribute.handler.call(this, event);
            };
            this.#onabort = attribute;
            this.addEventListener('abort', attribute.listener);
        }
    }

    [inspect](depth, options, show) {
        return `AbortSignal ${show({ aborted: this.#aborted }, options)}`;
    }

    #run() {
        const algorithms = this.#algorithms;
        this.#algorithms = null;
        if (algorithms !== null) for (const algorithm of algorithms) algorithm(this.#reason);
        fire(this, 'abort');
    }

    static {
        abort = (signal, reason) => {
            if (signal.#aborted) return;
            signal.#aborted = true;
            signal.#reason = reason === undefined ? abortError() : reason;
            const dependents = [];
            for (const dependent of signal.#dependents ?? []) {
                if (dependent.#aborted) continue;
                dependent.#aborted = true;
                dependent.#reason = signal.#reason;
                dependents.push(dependent);
            }
            signal.#run();
            for (const dependent of dependents) {
                for (const source of dependent.#sources) source.#dependents.delete(dependent);
                dependent.#run();
            }
        };
        follow = (sources) => {
            const signal = new AbortSignal(made);
            const aborted = sources.find((source) => source.#aborted);
            if (aborted !== undefined) {
                signal.#aborted = true;
                signal.#reason = aborted.#reason;
                return signal;
            }
            signal.#sources = new Set();
            for (const source of sources) {
                for (const root of source.#sources ?? [source]) {
                    signal.#sources.add(root);
                    (root.#dependents ??= new Set()).add(signal);
                }
            }
            return signal;
        };
        exports.isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
        exports.addAlgorithm = (signal, algorithm) => (signal.#algorithms ??= new Set()).add(algorithm);
        exports.removeAlgorithm = (signal, algorithm) => signal.#algorithms?.delete(algorithm);
    }
}
defineInterface(AbortSignal);

class AbortController {
    #signal = new AbortSignal(made);

    get signal() {
        return this.#signal;
    }

    abort(reason = undefined) {
        abort(this.#signal, reason);
    }

    [inspect](depth, options, show) {
        return `AbortController ${show({ signal: this.#signal }, options)}`;
    }
}
defineInterface(AbortController);

function abortError() {
    return new DOMException('This operation was aborted', 'AbortError');
}

const { isAbortSignal } = exports;

/** A signal that aborts as soon as one of the sources does. */
exports.follow = follow;
/** A signal that only its maker can abort, by `abortSignal`. */
exports.createSignal = () => new AbortSignal(made);
exports.abortSignal = abort;
exports.AbortController = AbortController;
exports.AbortSignal = AbortSignal;
exports.globals = { AbortController, AbortSignal };
