// `HttpRequest` of the v4 model. What a function looks at is made when it looks: most read a text or a few parameters,
// and never need the `Request` of the fetch standard that stands behind the rest.
'use strict';

const { decode, encode, joined, user } = require('functions/http');
const registry = require('functions/registry');

class HttpRequest {
    #method;
    #url;
    #given;
    #headers;
    #query;
    #params;
    #bytes;
    #bodyUsed = false;
    #native;
    #user;

    // `init` is the worker's form, with `headers`, `query` and `params` as objects and a body of `bytes` or `string`;
    // the host's form has pairs and a body that is bytes.
    constructor(init) {
        this.#given = init;
        this.#method = init.method;
        this.#native = init.nativeRequest;
        this.#bytes = bytesOf(init.body);
        if (this.#bytes !== undefined && (init.method === 'GET' || init.method === 'HEAD')) {
            this.#bytes = undefined;
            registry.log(
                'warning',
                'system',
                `Discarding the body of the incoming ${init.method} request because GET and HEAD requests ` +
                    'cannot have a body.',
            );
        }
    }

    get url() {
        this.#url ??= this.#native ? this.#native.url : new URL(this.#given.url).href;
        return this.#url;
    }

    get method() {
        return this.#native ? this.#native.method : this.#method;
    }

    get headers() {
        if (this.#native) return this.#native.headers;
        this.#headers ??= new Headers(mapping(this.#given.headers, this.#given.nullableHeaders));
        return this.#headers;
    }

    get query() {
        const { query, nullableQuery } = this.#given;
        this.#query ??=
            query || nullableQuery
                ? new URLSearchParams(mapping(query, nullableQuery))
                : new URL(this.url).searchParams;
        return this.#query;
    }

    get params() {
        this.#params ??= mapping(this.#given.params, this.#given.nullableParams);
        return this.#params;
    }

    get user() {
        if (this.#user === undefined) this.#user = user((name) => this.headers.get(name));
        return this.#user;
    }

    get body() {
        return this.#asNative().body;
    }

    get bodyUsed() {
        return this.#native ? this.#native.bodyUsed : this.#bodyUsed;
    }

    async text() {
        return this.#native ? this.#native.text() : this.#text();
    }

    async json() {
        return this.#native ? this.#native.json() : JSON.parse(this.#text());
    }

    async arrayBuffer() {
        if (this.#native) return this.#native.arrayBuffer();
        // A copy: what the function does to it is its own affair.
        return new Uint8Array(this.#take()).buffer;
    }

    async blob() {
        return this.#asNative().blob();
    }

    async formData() {
        return this.#asNative().formData();
    }

    clone() {
        const { method, url, query, params, nullableQuery, nullableParams } = this.#given;
        return new HttpRequest({
            method,
            url,
            query,
            params,
            nullableQuery,
            nullableParams,
            nativeRequest: this.#asNative().clone(),
        });
    }

    #text() {
        const bytes = this.#take();
        return bytes.length === 0 ? '' : decode(bytes);
    }

    #take() {
        if (this.#bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
        const bytes = this.#bytes ?? new Uint8Array(0);
        // No body can be read any number of times.
        this.#bodyUsed = this.#bytes !== undefined;
        return bytes;
    }

    #asNative() {
        if (!this.#native) {
            const { url, headers } = this;
            this.#native = new Request(url, { method: this.#method, headers, body: this.#bytes });
            if (this.#bodyUsed) this.#native.arrayBuffer();
        }
        return this.#native;
    }
}

// Undefined when there is no body.
function bytesOf(body) {
    if (body === undefined || body === null) return undefined;
    if (ArrayBuffer.isView(body)) return body.length > 0 ? body : undefined;
    if (body.bytes) return body.bytes;
    return body.string ? encode(body.string) : undefined;
}

// Names and values as an object, whatever form they came in.
function mapping(given, nullable) {
    if (Array.isArray(given)) return joined(given);
    if (nullable && Object.keys(nullable).length > 0) {
        const result = {};
        for (const name of Object.keys(nullable)) result[name] = nullable[name]?.value || '';
        return result;
    }
    return given ?? {};
}

module.exports = { HttpRequest };
