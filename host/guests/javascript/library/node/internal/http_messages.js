// The messages of `http`: what comes in, what goes out, and the header fields of both.

const { Readable, Writable } = require('node/stream');
const { invalidArgType, nodeError } = require('node/internal/errors');

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Fields of which only the first counts. */
const SINGLE = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host',
    'if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization',
    'referer', 'retry-after', 'server', 'user-agent']);

function validateHeaderName(name) {
    if (typeof name !== 'string' || !TOKEN.test(name)) {
        throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${name}"]`);
    }
}

function validateHeaderValue(name, value) {
    if (value === undefined) {
        throw nodeError(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "${value}" for header "${name}"`);
    }
    if (BAD_VALUE.test(value)) {
        throw nodeError(TypeError, 'ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
    }
}

class IncomingMessage extends Readable {
    constructor(socket) {
        super({ highWaterMark: 65536 });
        this.socket = socket;
        this.connection = socket;
        this.httpVersion = '1.1';
        this.httpVersionMajor = 1;
        this.httpVersionMinor = 1;
        this.complete = false;
        this.rawHeaders = [];
        this.headers = {};
        this.trailers = {};
        this.rawTrailers = [];
        this.aborted = false;
        this.url = '';
        this.method = null;
        this.statusCode = null;
        this.statusMessage = null;
    }

    _read() {}

    get headersDistinct() {
        const out = Object.create(null);
        for (let i = 0; i < this.rawHeaders.length; i += 2)
            (out[this.rawHeaders[i].toLowerCase()] ??= []).push(this.rawHeaders[i + 1]);
        return out;
    }

    /** Adds a field to `headers` by the rules of its name. */
    addHeader(name, value) {
        this.rawHeaders.push(name, value);
        const key = name.toLowerCase();
        const { headers } = this;
        if (key === 'set-cookie') (headers[key] ??= []).push(value);
        else if (headers[key] === undefined) headers[key] = value;
        else if (key === 'cookie') headers[key] += `; ${value}`;
        else if (!SINGLE.has(key)) headers[key] += `, ${value}`;
    }

    setTimeout(milliseconds, callback) {
        if (callback) this.on('timeout', callback);
        return this;
    }
}

class OutgoingMessage extends Writable {
    #headers = new Map();

    constructor(options) {
        // It is not over when all is written: its answer comes later.
        super({ ...options, autoDestroy: false });
        this.headersSent = false;
        this.sendDate = true;
        this.finished = false;
        this.socket = null;
        this.chunkedEncoding = false;
        this.shouldKeepAlive = true;
    }

    setHeader(name, value) {
        if (this.headersSent) {
            throw nodeError(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot set headers after they are sent to the client');
        }
        validateHeaderName(name);
        for (const item of Array.isArray(value) ? value : [value]) validateHeaderValue(name, item);
        this.#fields.set(name.toLowerCase(), [name, value]);
        return this;
    }

    /** Made on demand, since frameworks make messages by `Object.create(http.ServerResponse.prototype)`. */
    get #fields() {
        if (#headers in this) return this.#headers;
        if (!Object.hasOwn(this, fields)) Object.defineProperty(this, fields, { value: new Map() });
        return this[fields];
    }

    setHeaders(headers) {
        for (const [name, value] of headers) this.setHeader(name, value);
        return this;
    }

    appendHeader(name, value) {
        const before = this.getHeader(name);
        return this.setHeader(name, before === undefined ? value : [].concat(before, value));
    }

    getHeader(name) {
        if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
        return this.#fields.get(name.toLowerCase())?.[1];
    }

    hasHeader(name) { return this.#fields.has(String(name).toLowerCase()); }
    removeHeader(name) { this.#fields.delete(String(name).toLowerCase()); }
    getHeaderNames() { return [...this.#fields.keys()]; }
    getRawHeaderNames() { return [...this.#fields.values()].map(([name]) => name); }
    getHeaders() {
        return Object.assign(
            Object.create(null),
            Object.fromEntries([...this.#fields].map(([key, [, value]]) => [key, value])),
        );
    }

    flushHeaders() {}
    addTrailers() {}
    setTimeout(milliseconds, callback) {
        if (callback) this.on('timeout', callback);
        return this;
    }
}
const fields = Symbol('fields');

/** A response that nobody receives; adapters for Express-like frameworks collect what is written. */
class ServerResponse extends OutgoingMessage {
    constructor(request) {
        super();
        this.req = request;
        this.statusCode = 200;
        this.statusMessage = undefined;
    }

    writeHead(status, message, headers) {
        if (typeof message === 'object') [message, headers] = [undefined, message];
        this.statusCode = status;
        if (message !== undefined) this.statusMessage = message;
        if (Array.isArray(headers))
            for (let i = 0; i < headers.length; i += 2) this.setHeader(headers[i], headers[i + 1]);
        else for (const name of Object.keys(headers ?? {})) this.setHeader(name, headers[name]);
        this.headersSent = true;
        return this;
    }

    _write(chunk, encoding, callback) {
        this.headersSent = true;
        callback();
    }

    writeContinue() {}
    writeProcessing() {}
    writeEarlyHints() {}
    assignSocket(socket) { this.socket = socket; }
    detachSocket() { this.socket = null; }
}

module.exports = { IncomingMessage, OutgoingMessage, ServerResponse, TOKEN, validateHeaderName, validateHeaderValue };
