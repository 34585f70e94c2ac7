// `HttpResponse` of the v4 model, and the finished response of what a function returns. An object of the ordinary kind
// is turned into it directly; everything unusual goes through the `Response` of the fetch standard, whose rules these
// are.
'use strict';

const { setCookies } = require('functions/cookies');
const { systemError } = require('functions/errors');
const { response } = require('functions/http');

// These have no body, whatever a function gives.
function hasNoBody(status) {
    return status === 204 || status === 205 || status === 304;
}

class HttpResponse {
    #native;
    #init;

    constructor(init) {
        const given = init ?? {};
        this.#init = given;
        this.#native = given.nativeResponse ?? toNative(given);
        this.cookies = given.cookies ?? [];
        this.enableContentNegotiation = Boolean(given.enableContentNegotiation);
    }

    get status() {
        return this.#native.status;
    }

    get headers() {
        return this.#native.headers;
    }

    get body() {
        return this.#native.body;
    }

    get bodyUsed() {
        return this.#native.bodyUsed;
    }

    async arrayBuffer() {
        return this.#native.arrayBuffer();
    }

    async blob() {
        return this.#native.blob();
    }

    async formData() {
        return this.#native.formData();
    }

    async json() {
        return this.#native.json();
    }

    async text() {
        return this.#native.text();
    }

    clone() {
        const { status, headers, cookies, enableContentNegotiation } = this.#init;
        const nativeResponse = this.#native.clone();
        return new HttpResponse({ status, headers, cookies, enableContentNegotiation, nativeResponse });
    }
}

function toNative({ status, headers, body, jsonBody }) {
    const init = { status, headers };
    if (hasNoBody(status)) return new Response(undefined, init);
    if (jsonBody === undefined || jsonBody === null) return new Response(body, init);
    const typed = new Headers(headers);
    if (!typed.has('content-type')) typed.set('content-type', 'application/json');
    return new Response(JSON.stringify(jsonBody), { status, headers: typed });
}

// The finished response, now or as a promise of it.
function toResponse(value) {
    if (typeof value !== 'object') {
        throw systemError(
            'The HTTP response must be an object with optional properties "body", "status", "headers", and ' +
                `"cookies". Found '${typeof value}'.`,
        );
    }
    return simple(value) ?? complete(value);
}

// Without `Response`: a plain object of text, JSON or bytes with plain headers; undefined for the others.
function simple(value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    const { status = 200, headers: given, body, jsonBody, cookies } = value;
    if (!Number.isInteger(status)) return undefined;
    if (status < 200 || status > 599) {
        throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    }
    const headers = [];
    if (given !== undefined) {
        const ofHeaders = Object.getPrototypeOf(given ?? '');
        if (ofHeaders !== Object.prototype && ofHeaders !== null) return undefined;
        for (const key of Object.keys(given)) {
            const name = key.toLowerCase();
            // What is given twice is combined, which is the standard's business.
            if (headers.some((pair) => pair[0] === name)) return undefined;
            headers.push([name, String(given[key]).trim()]);
        }
    }
    let bytes;
    let type;
    if (hasNoBody(status)) {
        bytes = undefined;
    } else if (jsonBody !== undefined && jsonBody !== null) {
        bytes = JSON.stringify(jsonBody);
        type = 'application/json';
    } else if (typeof body === 'string') {
        bytes = body;
        type = 'text/plain;charset=UTF-8';
    } else if (ArrayBuffer.isView(body)) {
        bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    } else if (body instanceof ArrayBuffer) {
        bytes = new Uint8Array(body);
    } else if (body !== undefined && body !== null) {
        return undefined;
    }
    if (type && !headers.some((pair) => pair[0] === 'content-type')) headers.push(['content-type', type]);
    return response(status, withCookies(headers, cookies), bytes);
}

// Of `HttpResponse`, ours or the npm package's, of `Response`, and of objects with unusual parts.
async function complete(value) {
    const isResponse =
        value instanceof HttpResponse || (typeof value.arrayBuffer === 'function' && value.headers?.entries);
    const native = isResponse ? value : toNative(value);
    const headers = Array.from(native.headers.entries());
    const body = new Uint8Array(await native.arrayBuffer());
    return response(native.status, withCookies(headers, value.cookies), body);
}

function withCookies(headers, cookies) {
    if (cookies?.length > 0) for (const line of setCookies(cookies)) headers.push(['set-cookie', line]);
    return headers;
}

module.exports = { HttpResponse, toResponse };
