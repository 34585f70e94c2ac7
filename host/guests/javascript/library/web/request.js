// Request (Fetch 5.4). What only browsers act on (mode, cache, credentials …) is kept and shown, nothing more.
'use strict';

const { defineInterface, needArguments, toUSVString, toDictionary, inspect } = require('web/idl');
const { Headers, createHeaders, isHeaders } = require('web/headers');
const { Body, extract, defineBody } = require('web/body');
const { isAbortSignal, follow, createSignal } = require('web/abort');
const url = binding('url');

const made = Symbol('made here');
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NORMALIZED = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK']);
const CHOICES = {
    referrerPolicy: [
        '',
        'no-referrer',
        'no-referrer-when-downgrade',
        'origin',
        'origin-when-cross-origin',
        'same-origin',
        'strict-origin',
        'strict-origin-when-cross-origin',
        'unsafe-url',
    ],
    mode: ['cors', 'navigate', 'no-cors', 'same-origin'],
    credentials: ['same-origin', 'include', 'omit'],
    cache: ['default', 'force-cache', 'no-cache', 'no-store', 'only-if-cached', 'reload'],
    redirect: ['follow', 'error', 'manual'],
};
const CHOICE_NAMES = Object.keys(CHOICES);
const DEFAULTS = {
    referrer: 'about:client',
    referrerPolicy: '',
    mode: 'cors',
    credentials: 'same-origin',
    cache: 'default',
    redirect: 'follow',
    integrity: '',
    keepalive: false,
};
let bodyOf;
let sourceSignal;

class Request {
    #method = 'GET';
    #url;
    #headers;
    #body = null;
    #source = null; // the signal given
    #signal = null; // the signal shown, which follows it
    #settings = DEFAULTS;

    constructor(input, init = undefined) {
        if (input === made) return;
        needArguments(arguments.length, 1, 'Request');
        const options = toDictionary(init, 'Request');
        const original = typeof input === 'object' && input !== null && #method in input ? input : null;
        if (original === null) {
            this.#url = parseUrl(input);
        } else {
            this.#url = original.#url;
            this.#method = original.#method;
            this.#settings = original.#settings;
            this.#source = original.#signal ?? original.#source;
        }
        if (init !== undefined) this.#settings = readSettings(options, this.#settings);
        if (options.method !== undefined) this.#method = toMethod(options.method);
        if (options.signal !== undefined) this.#source = toSignal(options.signal);
        if (options.headers !== undefined) this.#headers = new Headers(options.headers);
        else this.#headers = original === null ? createHeaders([]) : new Headers(original.#headers);
        this.#readBody(options, original);
    }

    get method() {
        return this.#method;
    }

    get url() {
        return this.#url;
    }

    get headers() {
        return this.#headers;
    }

    get destination() {
        void this.#method;
        return '';
    }

    get referrer() {
        return this.#settings.referrer;
    }

    get referrerPolicy() {
        return this.#settings.referrerPolicy;
    }

    get mode() {
        return this.#settings.mode;
    }

    get credentials() {
        return this.#settings.credentials;
    }

    get cache() {
        return this.#settings.cache;
    }

    get redirect() {
        return this.#settings.redirect;
    }

    get integrity() {
        return this.#settings.integrity;
    }

    get keepalive() {
        return this.#settings.keepalive;
    }

    get isReloadNavigation() {
        void this.#method;
        return false;
    }

    get isHistoryNavigation() {
        void this.#method;
        return false;
    }

    get signal() {
        return (this.#signal ??= this.#source === null ? createSignal() : follow([this.#source]));
    }

    get duplex() {
        void this.#method;
        return 'half';
    }

    clone() {
        const copy = new Request(made);
        copy.#body = this.#body === null ? null : this.#body.clone();
        copy.#method = this.#method;
        copy.#url = this.#url;
        copy.#headers = new Headers(this.#headers);
        copy.#settings = this.#settings;
        copy.#source = this.#signal ?? this.#source;
        return copy;
    }

    [inspect](depth, options, show) {
        const { method, url: address, headers, redirect, bodyUsed } = this;
        return `Request ${show({ method, url: address, headers, redirect, bodyUsed }, options)}`;
    }

    #readBody(options, original) {
        const given = options.body;
        const inherited = original?.#body ?? null;
        if ((given !== undefined && given !== null) || (given === undefined && inherited !== null)) {
            if (this.#method === 'GET' || this.#method === 'HEAD') {
                throw new TypeError(`Request with ${this.#method} method cannot have a body.`);
            }
        }
        if (given !== undefined && given !== null) {
            const { body, type } = extract(given);
            if (body.source === null && options.duplex === undefined) {
                throw new TypeError("RequestInit: duplex: 'half' is required when the body is a stream.");
            }
            this.#body = body;
            if (type !== null && !this.#headers.has('content-type')) this.#headers.append('content-type', type);
        } else if (inherited !== null && given === undefined) {
            this.#body = inherited.move();
        }
        if (options.duplex !== undefined && `${options.duplex}` !== 'half') throw wrongChoice('duplex', options.duplex);
    }

    static {
        bodyOf = (request) => request.#body;
        sourceSignal = (request) => request.#signal ?? request.#source;
        /**
         * A request of parts that are known to be right: `method` in its normal form, `address` a serialized URL,
         * `headers` a Headers or pairs as `createHeaders` takes them, `content` a string, a Uint8Array that nobody
         * else changes, or null.
         */
        exports.createRequest = (method, address, headers, content = null) => {
            const request = new Request(made);
            request.#method = method;
            request.#url = address;
            request.#headers = isHeaders(headers) ? headers : createHeaders(headers);
            if (content !== null) request.#body = new Body(content);
            return request;
        };
    }
}
defineBody(Request, (request) => bodyOf(request));
defineInterface(Request);

function parseUrl(input) {
    const text = toUSVString(input);
    const parts = url.parse(text, undefined);
    if (!parts) {
        const cause = new TypeError('Invalid URL');
        cause.code = 'ERR_INVALID_URL';
        cause.input = text;
        throw new TypeError(`Failed to parse URL from ${text}`, { cause });
    }
    if (parts.username !== '' || parts.password !== '') {
        throw new TypeError(`The URL of a request must not hold credentials: ${parts.origin}`);
    }
    return parts.href;
}

function toMethod(value) {
    const method = `${value}`;
    const upper = method.toUpperCase();
    if (!TOKEN.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
    if (FORBIDDEN.has(upper)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
    return NORMALIZED.has(upper) ? upper : method;
}

function toSignal(value) {
    if (value !== null && !isAbortSignal(value)) throw new TypeError('RequestInit: signal must be an AbortSignal.');
    return value;
}

function readSettings(options, inherited) {
    let settings = inherited;
    for (let index = 0; index < CHOICE_NAMES.length; index++) {
        const key = CHOICE_NAMES[index];
        const value = options[key];
        if (value === undefined) continue;
        if (!CHOICES[key].includes(`${value}`)) throw wrongChoice(key, value);
        settings = { ...settings, [key]: `${value}` };
    }
    if (settings.mode === 'navigate' && options.mode !== undefined) throw wrongChoice('mode', 'navigate');
    if (settings.cache === 'only-if-cached' && settings.mode !== 'same-origin') {
        throw new TypeError("RequestInit: cache 'only-if-cached' goes with mode 'same-origin' only.");
    }
    const { referrer, integrity, keepalive, window } = options;
    if (window !== undefined && window !== null) throw new TypeError('RequestInit: window must be null.');
    if (referrer !== undefined) settings = { ...settings, referrer: toReferrer(referrer) };
    if (integrity !== undefined) settings = { ...settings, integrity: `${integrity}` };
    if (keepalive !== undefined) settings = { ...settings, keepalive: Boolean(keepalive) };
    return settings;
}

function toReferrer(value) {
    const text = toUSVString(value);
    if (text === '') return '';
    const parts = url.parse(text, undefined);
    if (!parts) throw new TypeError(`RequestInit: referrer '${text}' is not a valid URL.`);
    return parts.href;
}

function wrongChoice(key, value) {
    return new TypeError(`RequestInit: '${value}' is not a valid value of ${key}.`);
}

exports.Request = Request;
exports.bodyOf = bodyOf;
/** The signal that stops a request's fetch, or null. */
exports.sourceSignal = sourceSignal;
exports.globals = { Request };
