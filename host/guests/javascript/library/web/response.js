// Response (Fetch 5.5).
'use strict';

const { defineInterface, needArguments, toUSVString, toDictionary, inspect } = require('web/idl');
const { Headers, createHeaders, isHeaders, freeze } = require('web/headers');
const { Body, extract, defineBody } = require('web/body');
const url = binding('url');

const made = Symbol('made here');
const NULL_BODY = new Set([101, 103, 204, 205, 304]);
const REDIRECT = new Set([301, 302, 303, 307, 308]);
let bodyOf;

class Response {
    #status = 200;
    #statusText = '';
    #headers;
    #body = null;
    #type = 'default';
    #url = '';
    #redirected = false;

    constructor(body = null, init = undefined) {
        if (body === made) return;
        if (body === null) {
            this.#initialize(init, null, null);
        } else {
            const content = extract(body);
            this.#initialize(init, content.body, content.type);
        }
    }

    static error() {
        const response = new Response(made);
        response.#status = 0;
        response.#type = 'error';
        response.#headers = freeze(createHeaders([]));
        return response;
    }

    static json(data, init = undefined) {
        needArguments(arguments.length, 1, 'Response.json');
        const text = JSON.stringify(data);
        if (text === undefined) throw new TypeError('Response.json: the value has no form in JSON.');
        const response = new Response(made);
        response.#initialize(init, new Body(toUSVString(text)), 'application/json');
        return response;
    }

    static redirect(address, status = 302) {
        needArguments(arguments.length, 1, 'Response.redirect');
        const parts = url.parse(toUSVString(address), undefined);
        if (!parts) throw new TypeError(`Failed to parse URL from ${address}`);
        const code = toStatus(status);
        if (!REDIRECT.has(code)) throw new RangeError(`Invalid status code ${status}: not one of a redirect.`);
        const response = new Response(made);
        response.#status = code;
        response.#headers = freeze(createHeaders([['location', parts.href]]));
        return response;
    }

    get type() {
        return this.#type;
    }

    get url() {
        return this.#url;
    }

    get redirected() {
        return this.#redirected;
    }

    get status() {
        return this.#status;
    }

    get ok() {
        return this.#status >= 200 && this.#status <= 299;
    }

    get statusText() {
        return this.#statusText;
    }

    get headers() {
        return this.#headers;
    }

    clone() {
        const body = this.#body === null ? null : this.#body.clone();
        const copy = new Response(made);
        copy.#status = this.#status;
        copy.#statusText = this.#statusText;
        copy.#headers = new Headers(this.#headers);
        copy.#body = body;
        copy.#type = this.#type;
        copy.#url = this.#url;
        copy.#redirected = this.#redirected;
        return copy;
    }

    [inspect](depth, options, show) {
        const { status, statusText, headers, bodyUsed, ok, redirected, type, url: address } = this;
        const shown = { status, statusText, headers, bodyUsed, ok, redirected, type, url: address };
        return `Response ${show(shown, options)}`;
    }

    #initialize(init, body, type) {
        if (init === undefined) {
            this.#headers = createHeaders(type === null ? [] : [['content-type', type]]);
            this.#body = body;
            return;
        }
        const { status, statusText, headers } = toDictionary(init, 'Response');
        if (status !== undefined) {
            this.#status = toStatus(status);
            if (this.#status < 200 || this.#status > 599) {
                throw new RangeError(`init["status"] must be in the range of 200 to 599, inclusive, not ${status}.`);
            }
        }
        if (statusText !== undefined) {
            this.#statusText = `${statusText}`;
            if (/[^\t\x20-\x7e\x80-\xff]/.test(this.#statusText)) throw new TypeError('Invalid statusText');
        }
        this.#headers = headers === undefined ? createHeaders([]) : new Headers(headers);
        if (body === null) return;
        if (NULL_BODY.has(this.#status))
            throw new TypeError(`Response with null body status (${this.#status}) cannot have a body.`);
        this.#body = body;
        if (type !== null && !this.#headers.has('content-type')) this.#headers.append('content-type', type);
    }

    static {
        bodyOf = (response) => response.#body;
        exports.isResponse = (value) => typeof value === 'object' && value !== null && #body in value;
        /**
         * A response of parts that are known to be right: `headers` a Headers or pairs as `createHeaders` takes them,
         * `content` a string, a Uint8Array that nobody else changes, an object with `read()` and `cancel()`, or null;
         * `from` the type, address and whether there were redirects, for a response that came over the network.
         */
        exports.createResponse = (status, headers, content = null, from = undefined) => {
            const response = new Response(made);
            response.#status = status;
            response.#headers = isHeaders(headers) ? headers : createHeaders(headers);
            if (content !== null) response.#body = new Body(content);
            if (from !== undefined) {
                response.#type = from.type;
                response.#url = from.url;
                response.#redirected = from.redirected;
                response.#statusText = from.statusText;
                freeze(response.#headers);
            }
            return response;
        };
    }
}
defineBody(Response, (response) => bodyOf(response));
defineInterface(Response);

/** unsigned short. */
function toStatus(value) {
    const number = Math.trunc(Number(value));
    return Number.isFinite(number) ? ((number % 65536) + 65536) % 65536 : 0;
}

exports.NULL_BODY = NULL_BODY;
exports.Response = Response;
exports.bodyOf = bodyOf;
exports.globals = { Response };
