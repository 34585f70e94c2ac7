// URLSearchParams (URL 6.2): a list of pairs, and a live link to the query of the URL it came from.
'use strict';

const { defineInterface, definePairIterable, needArguments, toUSVString, inspect } = require('web/idl');
const text = binding('text');

let pairsOf;

class URLSearchParams {
    #pairs;
    #update = null; // gives the new query to the URL

    constructor(init = '') {
        if (init === null) {
            // The standard reads the text 'null'; nobody means it, and Node takes it for nothing.
            this.#pairs = [];
        } else if (typeof init !== 'object' && typeof init !== 'function') {
            const query = toUSVString(init);
            this.#pairs = parseForm(query.startsWith('?') ? query.slice(1) : query);
        } else if (#pairs in init && init[Symbol.iterator] === URLSearchParams.prototype[Symbol.iterator]) {
            this.#pairs = init.#pairs.map(([name, value]) => [name, value]);
        } else {
            this.#pairs = toPairs(init);
        }
    }

    get size() {
        return this.#pairs.length;
    }

    append(name, value) {
        needArguments(arguments.length, 2, 'URLSearchParams.append');
        this.#pairs.push([toUSVString(name), toUSVString(value)]);
        this.#update?.(this.toString());
    }

    delete(name, value = undefined) {
        needArguments(arguments.length, 1, 'URLSearchParams.delete');
        const key = toUSVString(name);
        const only = value === undefined ? undefined : toUSVString(value);
        this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || (only !== undefined && pair[1] !== only));
        this.#update?.(this.toString());
    }

    get(name) {
        needArguments(arguments.length, 1, 'URLSearchParams.get');
        const key = toUSVString(name);
        for (const pair of this.#pairs) if (pair[0] === key) return pair[1];
        return null;
    }

    getAll(name) {
        needArguments(arguments.length, 1, 'URLSearchParams.getAll');
        const key = toUSVString(name);
        return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
    }

    has(name, value = undefined) {
        needArguments(arguments.length, 1, 'URLSearchParams.has');
        const key = toUSVString(name);
        const only = value === undefined ? undefined : toUSVString(value);
        return this.#pairs.some((pair) => pair[0] === key && (only === undefined || pair[1] === only));
    }

    set(name, value) {
        needArguments(arguments.length, 2, 'URLSearchParams.set');
        const key = toUSVString(name);
        const pair = [key, toUSVString(value)];
        const first = this.#pairs.findIndex((one) => one[0] === key);
        if (first < 0) {
            this.#pairs.push(pair);
        } else {
            this.#pairs = this.#pairs.filter((one, index) => index <= first || one[0] !== key);
            this.#pairs[first] = pair;
        }
        this.#update?.(this.toString());
    }

    sort() {
        this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
        this.#update?.(this.toString());
    }

    toString() {
        return serializeForm(this.#pairs);
    }

    [inspect](depth, options, show) {
        const pairs = this.#pairs.map(([name, value]) => `${show(name, options)} => ${show(value, options)}`);
        return pairs.length === 0 ? 'URLSearchParams {}' : `URLSearchParams { ${pairs.join(', ')} }`;
    }

    static {
        pairsOf = (params) => params.#pairs;
        exports.isURLSearchParams = (value) => typeof value === 'object' && value !== null && #pairs in value;
        /** The parameters of a URL; `update` takes each new query without its question mark. */
        exports.createLinked = (query, update) => {
            const params = new URLSearchParams();
            params.#pairs = parseForm(query);
            params.#update = update;
            return params;
        };
        /** The URL's query has changed. */
        exports.replace = (params, query) => {
            params.#pairs = parseForm(query);
        };
    }
}
definePairIterable(URLSearchParams, (params) => pairsOf(params));
defineInterface(URLSearchParams);

function toPairs(init) {
    const iterate = init[Symbol.iterator];
    if (iterate === undefined || iterate === null) {
        // As a record, a later key that is the same after conversion wins.
        const record = new Map();
        for (const key of Reflect.ownKeys(init)) {
            if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
            record.set(toUSVString(key), toUSVString(init[key]));
        }
        return [...record];
    }
    if (typeof iterate !== 'function') throw new TypeError('URLSearchParams: the initializer is not iterable.');
    return Array.from(init, (entry) => {
        if (
            (typeof entry !== 'object' && typeof entry !== 'function') ||
            entry === null ||
            !(Symbol.iterator in entry)
        ) {
            throw new TypeError('URLSearchParams: each entry must be a pair [name, value].');
        }
        const pair = [...entry];
        if (pair.length !== 2) throw new TypeError('URLSearchParams: each entry must be a pair [name, value].');
        return [toUSVString(pair[0]), toUSVString(pair[1])];
    });
}

/** application/x-www-form-urlencoded text to pairs. */
function parseForm(input) {
    const pairs = [];
    if (input === '') return pairs;
    for (const part of input.split('&')) {
        if (part === '') continue;
        const equals = part.indexOf('=');
        if (equals < 0) pairs.push([decode(part), '']);
        else pairs.push([decode(part.slice(0, equals)), decode(part.slice(equals + 1))]);
    }
    return pairs;
}

function decode(part) {
    const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
    if (!spaced.includes('%')) return spaced;
    try {
        return decodeURIComponent(spaced);
    } catch {
        return text.utf8Decode(percentDecode(text.utf8Encode(spaced)), false, false);
    }
}

/** Percent-decoding that leaves alone what is no valid escape. */
function percentDecode(bytes) {
    const decoded = new Uint8Array(bytes.length);
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
        let byte = bytes[at];
        if (byte === 0x25) {
            const high = hexDigit(bytes[at + 1]);
            const low = hexDigit(bytes[at + 2]);
            if (high >= 0 && low >= 0) {
                byte = high * 16 + low;
                at += 2;
            }
        }
        decoded[length++] = byte;
    }
    return decoded.subarray(0, length);
}

function hexDigit(byte) {
    if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
    const lower = byte | 0x20;
    return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function serializeForm(pairs) {
    let form = '';
    for (const [name, value] of pairs) form += `${form === '' ? '' : '&'}${encode(name)}=${encode(value)}`;
    return form;
}

const ESCAPES = { '%20': '+', '!': '%21', "'": '%27', '(': '%28', ')': '%29', '~': '%7E' };

function encode(value) {
    if (/^[\w.*-]*$/.test(value)) return value;
    return encodeURIComponent(value).replace(/%20|[!'()~]/g, (found) => ESCAPES[found]);
}

exports.URLSearchParams = URLSearchParams;
exports.parseForm = parseForm;
exports.percentDecode = percentDecode;
exports.globals = { URLSearchParams };
