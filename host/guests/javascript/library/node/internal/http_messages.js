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

/** The messages are functions, not classes: mocks and frameworks call them on objects of their own. */
function IncomingMessage(socket) {
    if (!(this instanceof IncomingMessage)) return new IncomingMessage(socket);
    Readable.call(this, { highWaterMark: 65536 });
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
    return undefined;
}
Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

IncomingMessage.prototype._read = function () {};

/** Adds a field to `headers` by the rules of its name. */
IncomingMessage.prototype._addHeader = function (name, value) {
    this.rawHeaders.push(name, value);
    const key = name.toLowerCase();
    const { headers } = this;
    if (key === 'set-cookie') (headers[key] ??= []).push(value);
    else if (headers[key] === undefined) headers[key] = value;
    else if (key === 'cookie') headers[key] += `; ${value}`;
    else if (!SINGLE.has(key)) headers[key] += `, ${value}`;
};

Object.defineProperty(IncomingMessage.prototype, 'headersDistinct', {
    configurable: true,
    get() {
        const out = Object.create(null);
        for (let i = 0; i < this.rawHeaders.length; i += 2) {
            (out[this.rawHeaders[i].toLowerCase()] ??= []).push(this.rawHeaders[i + 1]);
        }
        return out;
    },
});

function setTimeout(milliseconds, callback) {
    if (callback) this.on('timeout', callback);
    return this;
}
IncomingMessage.prototype.setTimeout = setTimeout;

const kFields = Symbol('fields');

/** The fields of a message, made on demand: frameworks also make messages by `Object.create` of the prototypes. */
function fieldsOf(message) {
    if (!Object.hasOwn(message, kFields)) Object.defineProperty(message, kFields, { value: new Map() });
    return message[kFields];
}

function OutgoingMessage(options) {
    if (!(this instanceof OutgoingMessage)) return new OutgoingMessage(options);
    // It is not over when all is written: its answer comes later.
    Writable.call(this, { ...options, autoDestroy: false });
    this.headersSent = false;
    this.sendDate = true;
    this.finished = false;
    this.socket = null;
    this.chunkedEncoding = false;
    this._hasBody = true;
    this.shouldKeepAlive = true;
    return undefined;
}
Object.setPrototypeOf(OutgoingMessage.prototype, Writable.prototype);
Object.setPrototypeOf(OutgoingMessage, Writable);

Object.assign(OutgoingMessage.prototype, {
    setTimeout,
    setHeader(name, value) {
        if (this.headersSent) {
            throw nodeError(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot set headers after they are sent to the client');
        }
        validateHeaderName(name);
        for (const item of Array.isArray(value) ? value : [value]) validateHeaderValue(name, item);
        fieldsOf(this).set(name.toLowerCase(), [name, value]);
        return this;
    },
    setHeaders(headers) {
        for (const [name, value] of headers) this.setHeader(name, value);
        return this;
    },
    appendHeader(name, value) {
        const before = this.getHeader(name);
        return this.setHeader(name, before === undefined ? value : [].concat(before, value));
    },
    getHeader(name) {
        if (typeof name !== 'string') throw invalidArgType('name', 'string', name);
        return fieldsOf(this).get(name.toLowerCase())?.[1];
    },
    hasHeader(name) {
        return fieldsOf(this).has(String(name).toLowerCase());
    },
    removeHeader(name) {
        fieldsOf(this).delete(String(name).toLowerCase());
    },
    getHeaderNames() {
        return [...fieldsOf(this).keys()];
    },
    getRawHeaderNames() {
        return Array.from(fieldsOf(this).values(), ([name]) => name);
    },
    getHeaders() {
        const headers = Object.create(null);
        for (const [key, [, value]] of fieldsOf(this)) headers[key] = value;
        return headers;
    },
    flushHeaders() {},
    addTrailers() {},
});

/** A response that nobody receives; adapters for Express-like frameworks collect what is written. */
function ServerResponse(request) {
    if (!(this instanceof ServerResponse)) return new ServerResponse(request);
    OutgoingMessage.call(this);
    this.req = request;
    if (request?.method === 'HEAD') this._hasBody = false;
    this.statusCode = 200;
    this.statusMessage = undefined;
    return undefined;
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);
ServerResponse.prototype.statusCode = 200;

Object.assign(ServerResponse.prototype, {
    writeHead(status, message, headers) {
        if (typeof message === 'object') [message, headers] = [undefined, message];
        this.statusCode = status;
        if (message !== undefined) this.statusMessage = message;
        if (Array.isArray(headers)) {
            for (let i = 0; i < headers.length; i += 2) this.setHeader(headers[i], headers[i + 1]);
        } else {
            for (const name of Object.keys(headers ?? {})) this.setHeader(name, headers[name]);
        }
        if (status === 204 || status === 304) this._hasBody = false;
        this.headersSent = true;
        return this;
    },
    /** The first write settles the head, through `writeHead`, which packages put themselves in front of. */
    write(...values) {
        if (!this.headersSent) this._implicitHeader();
        return Writable.prototype.write.apply(this, values);
    },
    end(...values) {
        if (!this.headersSent) this._implicitHeader();
        this.finished = true;
        return Writable.prototype.end.apply(this, values);
    },
    _write(chunk, encoding, callback) {
        callback();
    },
    assignSocket(socket) {
        this.socket = this.connection = socket;
        this.emit('socket', socket);
    },
    detachSocket() {
        this.socket = this.connection = null;
    },
    _implicitHeader() {
        this.writeHead(this.statusCode);
    },
    writeContinue() {},
    writeProcessing() {},
    writeEarlyHints() {},
});

module.exports = {
    IncomingMessage, OutgoingMessage, ServerResponse, TOKEN, validateHeaderName, validateHeaderValue,
};
