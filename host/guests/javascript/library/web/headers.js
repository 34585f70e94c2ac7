// Headers (Fetch 5.1): names in lower case, in the order they were added; combined and sorted only when iterated.
'use strict';

const { defineInterface, definePairIterable, needArguments, inspect } = require('web/idl');

const made = Symbol('made here');
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const WRONG_VALUE = /[\0\r\n\u0100-\uffff]/;
// Names that were seen before, in lower case: looking one up is quicker than checking it again.
const KNOWN_NAMES_LIMIT = 512;
const knownNames = new Map();
let sortedOf;

class Headers {
    #pairs = []; // [name in lower case, value]
    #sorted = null; // what iteration shows; null when it has to be made anew
    #immutable = false;

    constructor(init = undefined, pairs = undefined) {
        if (init === made) this.#pairs = pairs;
        else if (init !== undefined) this.#fill(init);
    }

    append(name, value) {
        needArguments(arguments.length, 2, 'Headers.append');
        const key = toName(name, 'append');
        const text = toValue(value, key, 'append');
        this.#change();
        this.#pairs.push([key, text]);
    }

    delete(name) {
        needArguments(arguments.length, 1, 'Headers.delete');
        const key = toName(name, 'delete');
        this.#change();
        this.#pairs = this.#pairs.filter((pair) => pair[0] !== key);
    }

    get(name) {
        needArguments(arguments.length, 1, 'Headers.get');
        const key = toName(name, 'get');
        const pairs = this.#pairs;
        let value = null;
        for (let index = 0; index < pairs.length; index++) {
            const pair = pairs[index];
            if (pair[0] === key) value = value === null ? pair[1] : `${value}, ${pair[1]}`;
        }
        return value;
    }

    getSetCookie() {
        return this.#pairs.filter((pair) => pair[0] === 'set-cookie').map((pair) => pair[1]);
    }

    has(name) {
        needArguments(arguments.length, 1, 'Headers.has');
        const key = toName(name, 'has');
        return this.#pairs.some((pair) => pair[0] === key);
    }

    set(name, value) {
        needArguments(arguments.length, 2, 'Headers.set');
        const key = toName(name, 'set');
        const pair = [key, toValue(value, key, 'set')];
        this.#change();
        const first = this.#pairs.findIndex((one) => one[0] === key);
        if (first < 0) {
            this.#pairs.push(pair);
        } else {
            this.#pairs = this.#pairs.filter((one, index) => index <= first || one[0] !== key);
            this.#pairs[first] = pair;
        }
    }

    [inspect](depth, options, show) {
        return `Headers ${show(Object.fromEntries(sortedOf(this)), options)}`;
    }

    #change() {
        if (this.#immutable) throw new TypeError('These Headers are immutable.');
        this.#sorted = null;
    }

    #fill(init) {
        if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
            throw new TypeError('Headers: the initializer must be Headers, an object or pairs [name, value].');
        }
        if (#pairs in init && init[Symbol.iterator] === Headers.prototype[Symbol.iterator]) {
            this.#pairs = init.#pairs.slice();
            return;
        }
        const pairs = this.#pairs;
        const iterate = init[Symbol.iterator];
        if (iterate !== undefined && iterate !== null) {
            const entries = Array.isArray(init) ? init : [...init];
            for (let index = 0; index < entries.length; index++) {
                const entry = entries[index];
                if ((typeof entry !== 'object' && typeof entry !== 'function') || entry === null) {
                    throw new TypeError('Headers: each entry must be a pair [name, value].');
                }
                const pair = Array.isArray(entry) ? entry : [...entry];
                if (pair.length !== 2) throw new TypeError('Headers: each entry must be a pair [name, value].');
                const name = toName(pair[0], 'append');
                pairs.push([name, toValue(pair[1], name, 'append')]);
            }
            return;
        }
        if (Object.getOwnPropertySymbols(init).length > 0) throw new TypeError('Headers: a symbol is no header name.');
        const keys = Object.keys(init);
        for (let index = 0; index < keys.length; index++) {
            const name = toName(keys[index], 'append');
            pairs.push([name, toValue(init[keys[index]], name, 'append')]);
        }
    }

    static {
        sortedOf = (headers) => {
            if (headers.#sorted !== null) return headers.#sorted;
            const cookies = [];
            const combined = new Map();
            for (const [name, value] of headers.#pairs) {
                if (name === 'set-cookie') cookies.push([name, value]);
                else combined.set(name, combined.has(name) ? `${combined.get(name)}, ${value}` : value);
            }
            const sorted = [...combined, ...cookies].sort(([left], [right]) =>
                left < right ? -1 : left > right ? 1 : 0,
            );
            headers.#sorted = sorted;
            return sorted;
        };
        exports.isHeaders = (value) => typeof value === 'object' && value !== null && #pairs in value;
        /** The pairs as they were added: not combined, not sorted, not to be changed. */
        exports.pairsOf = (headers) => headers.#pairs;
        /** Headers of pairs that are known to be valid and in lower case; the array belongs to them from now on. */
        exports.createHeaders = (pairs) => new Headers(made, pairs);
        exports.freeze = (headers) => {
            headers.#immutable = true;
            return headers;
        };
    }
}
definePairIterable(Headers, (headers) => sortedOf(headers));
defineInterface(Headers);

function toName(name, operation) {
    const known = knownNames.get(name);
    if (known !== undefined) return known;
    const key = typeof name === 'string' ? name : `${name}`;
    if (!NAME.test(key)) throw new TypeError(`Headers.${operation}: ${JSON.stringify(key)} is an invalid header name.`);
    const lower = key.toLowerCase();
    if (knownNames.size < KNOWN_NAMES_LIMIT) knownNames.set(key, lower);
    return lower;
}

function toValue(value, name, operation) {
    let text = typeof value === 'string' ? value : `${value}`;
    if (text.charCodeAt(0) <= 0x20 || text.charCodeAt(text.length - 1) <= 0x20) {
        text = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    }
    if (WRONG_VALUE.test(text)) {
        throw new TypeError(`Headers.${operation}: ${JSON.stringify(text)} is an invalid value of header '${name}'.`);
    }
    return text;
}

exports.Headers = Headers;
exports.globals = { Headers };
