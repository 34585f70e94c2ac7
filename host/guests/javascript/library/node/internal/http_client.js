// `http.request` and `https.request` over the host's HTTP: the request is sent when it ends, its body as a whole; the
// response's body streams. The host keeps the connections, so agents and sockets have nothing to decide.

const EventEmitter = require('node/events');
const { Buffer } = require('node/buffer');
const { nextTick, globals } = require('internal/timers');
const { IncomingMessage, OutgoingMessage, TOKEN } = require('node/internal/http_messages');
const { invalidArgType, nodeError } = require('node/internal/errors');
const host = binding('http');

/** Fields that belong to the connection, which is the host's, or to what only the host can know. */
const DROPPED = new Set(['accept-encoding', 'connection', 'content-length', 'host', 'http2-settings', 'keep-alive',
    'proxy-connection', 'te', 'transfer-encoding', 'upgrade']);
const CODES = { denied: 'EACCES', timeout: 'ETIMEDOUT', failed: 'ECONNRESET', invalid: 'ERR_INVALID_URL' };

/** What stands for the connection. */
class Connection extends EventEmitter {
    constructor(encrypted) {
        super();
        this.encrypted = encrypted;
        this.authorized = encrypted;
        this.connecting = false;
        this.destroyed = false;
        this.readable = this.writable = true;
        this.remoteAddress = undefined;
        this.remotePort = undefined;
    }

    setKeepAlive() { return this; }
    setNoDelay() { return this; }
    setTimeout(milliseconds, callback) {
        if (callback) this.once('timeout', callback);
        return this;
    }

    ref() { return this; }
    unref() { return this; }
    cork() {}
    uncork() {}
    end() { return this; }
    address() { return {}; }
    getPeerCertificate() { return {}; }
    destroy() {
        this.destroyed = true;
        return this;
    }
}

function Agent(options = {}) {
    if (!(this instanceof Agent)) return new Agent(options);
    EventEmitter.call(this);
    this.options = { ...options, path: null };
    this.protocol = 'http:';
    this.defaultPort = 80;
    this.keepAlive = options.keepAlive ?? false;
    this.keepAliveMsecs = options.keepAliveMsecs ?? 1000;
    this.maxSockets = options.maxSockets ?? Infinity;
    this.maxFreeSockets = options.maxFreeSockets ?? 256;
    this.maxTotalSockets = options.maxTotalSockets ?? Infinity;
    this.scheduling = options.scheduling ?? 'lifo';
    this.sockets = {};
    this.freeSockets = {};
    this.requests = {};
    return undefined;
}
Object.setPrototypeOf(Agent.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Agent, EventEmitter);
Agent.prototype.getName = function (options = {}) {
    return `${options.host || 'localhost'}:${options.port || ''}:${options.localAddress || ''}`;
};
Agent.prototype.destroy = function () {};

function urlOf(options, protocol) {
    const scheme = options.protocol || protocol;
    if (scheme !== 'http:' && scheme !== 'https:') {
        throw nodeError(
            TypeError,
            'ERR_INVALID_PROTOCOL',
            `Protocol "${scheme}" not supported. Expected "${protocol}"`,
        );
    }
    let name = options.hostname || options.host || 'localhost';
    if (name.includes(':') && !name.startsWith('[')) name = `[${name}]`;
    const path = options.path || '/';
    if (/[^\x21-\xff]/.test(path)) {
        throw nodeError(TypeError, 'ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters');
    }
    const port = options.port || options.defaultPort;
    return `${scheme}//${name}${port ? `:${port}` : ''}${path.startsWith('/') ? '' : '/'}${path}`;
}

class ClientRequest extends OutgoingMessage {
    #chunks = [];
    #body;
    #timer;
    #exchange;
    #encrypted;

    constructor(input, options, callback, protocol = 'http:') {
        super();
        if (typeof options === 'function') [options, callback] = [undefined, options];
        if (typeof input === 'string') input = new globalThis.URL(input);
        const settings = input instanceof globalThis.URL
            ? { ...require('node/url').urlToHttpOptions(input), ...options } : { ...input, ...options };
        const method = settings.method === undefined || settings.method === null ? 'GET' : settings.method;
        if (typeof method !== 'string') throw invalidArgType('options.method', 'string', method);
        if (!TOKEN.test(method)) {
            throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Method must be a valid HTTP token ["${method}"]`);
        }
        this.method = method.toUpperCase();
        this.path = settings.path || '/';
        this.protocol = settings.protocol || protocol;
        this.host = settings.hostname || settings.host || 'localhost';
        this.agent = settings.agent;
        this.aborted = false;
        this.reusedSocket = false;
        this.maxHeadersCount = null;
        this.res = null;
        this.url = urlOf(settings, protocol);
        this.#encrypted = this.url.startsWith('https:');
        const headers = settings.headers;
        if (Array.isArray(headers)) {
            for (let i = 0; i < headers.length; i += Array.isArray(headers[i]) ? 1 : 2) {
                if (Array.isArray(headers[i])) this.appendHeader(headers[i][0], headers[i][1]);
                else this.appendHeader(headers[i], headers[i + 1]);
            }
        } else {
            for (const name of Object.keys(headers ?? {})) {
                if (headers[name] !== undefined) this.setHeader(name, headers[name]);
            }
        }
        if (settings.auth && !this.hasHeader('authorization')) {
            this.setHeader('Authorization', `Basic ${Buffer.from(settings.auth).toString('base64')}`);
        }
        if (callback) this.once('response', callback);
        if (settings.timeout) this.setTimeout(settings.timeout);
        if (settings.signal) require('node/internal/streams/state').addAbortSignal(settings.signal, this);
        nextTick(() => {
            if (this.destroyed) return;
            this.socket = this.connection = new Connection(this.#encrypted);
            this.emit('socket', this.socket);
            this.socket.emit('connect');
            if (this.#encrypted) this.socket.emit('secureConnect');
        });
    }

    _write(chunk, encoding, callback) {
        this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        callback();
    }

    _final(callback) {
        this.finished = true;
        this.headersSent = true;
        const headers = [];
        for (const name of this.getHeaderNames()) {
            if (DROPPED.has(name)) continue;
            for (const value of [].concat(this.getHeader(name))) headers.push([name, String(value)]);
        }
        this.#body = this.#chunks.length > 0 ? Buffer.concat(this.#chunks) : null;
        this.#chunks = [];
        // A redirect is the caller's to follow, which is how Node's client has it.
        host.send({ method: this.method, url: this.url, headers, body: this.#body }).then(
            (response) => this.#answer(response),
            (error) =>
                this.destroy(Object.assign(error, { code: CODES[error.code] ?? error.code, syscall: 'connect' })),
        );
        callback();
    }

    #answer({ status, headers, body }) {
        if (this.destroyed) {
            host.cancel(body);
            return;
        }
        this.#exchange = body;
        const response = new IncomingMessage(this.socket);
        response.statusCode = status;
        response.statusMessage = require('node/http').STATUS_CODES[status] ?? '';
        response.req = this;
        this.res = response;
        for (const [name, value] of headers) response._addHeader(name, value);
        response._read = () => {
            host.read(body).then((chunk) => {
                if (chunk === null) {
                    response.complete = true;
                    this.#exchange = undefined;
                    this.#stopTimer();
                }
                response.push(chunk);
            }, (error) => response.destroy(Object.assign(error, { code: CODES[error.code] ?? error.code })));
        };
        response._destroy = (error, callback) => {
            if (!response.complete) {
                host.cancel(body);
                if (!response.readableEnded) {
                    response.aborted = true;
                    response.emit('aborted');
                    error ??= nodeError(Error, 'ECONNRESET', 'aborted');
                }
            }
            this.#stopTimer();
            callback(response.listenerCount('error') > 0 || !response.aborted ? error : null);
        };
        if (!this.emit('response', response)) response.resume();
        response.once('close', () => { if (!this.destroyed) this.destroy(); });
    }

    _destroy(error, callback) {
        this.#stopTimer();
        if (this.#exchange !== undefined && this.res !== null && !this.res.complete && !this.res.destroyed)
            this.res.destroy(error);
        if (this.res === null && !error) error = nodeError(Error, 'ECONNRESET', 'socket hang up');
        callback(error);
    }

    abort() {
        if (this.aborted) return;
        this.aborted = true;
        nextTick(() => this.emit('abort'));
        this.destroy();
    }

    setTimeout(milliseconds, callback) {
        if (callback) this.once('timeout', callback);
        this.#stopTimer();
        if (milliseconds > 0) {
            this.timeout = milliseconds;
            this.#timer = globals.setTimeout(() => this.emit('timeout'), milliseconds);
        }
        return this;
    }

    #stopTimer() {
        if (this.#timer !== undefined) globals.clearTimeout(this.#timer);
        this.#timer = undefined;
    }

    setNoDelay() {}
    setSocketKeepAlive() {}
    clearTimeout() { this.#stopTimer(); }
}

module.exports = { Agent, ClientRequest };
