// fetch (Fetch 5.6) over the host's HTTP client, and what the programming models use of requests and responses.
// Redirects are followed here; connections, TLS, proxies and egress rules are the host's. Compressed answers are not
// asked for, because decompressing them in JavaScript costs more than it saves; those that come anyway are
// decompressed.
'use strict';

const { needArguments } = require('web/idl');
const { pairsOf } = require('web/headers');
const { Request, bodyOf: requestBody, sourceSignal } = require('web/request');
const { createResponse, bodyOf: responseBody, NULL_BODY } = require('web/response');
const { addAlgorithm, removeAlgorithm } = require('web/abort');
const { decoded } = require('web/streams/decompression');
const { decodeDataUrl } = require('web/data-url');
const http = binding('http');
const url = binding('url');
const text = binding('text');

const MAX_REDIRECTS = 20;
const REDIRECT = new Set([301, 302, 303, 307, 308]);
// The connection is the host's matter; a value of the user's could only contradict it.
const OWNED = new Set([
    'accept-encoding',
    'connection',
    'content-length',
    'expect',
    'host',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
]);
const OF_BODY = new Set(['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']);
const CREDENTIALS = new Set(['authorization', 'cookie', 'host', 'proxy-authorization']);

async function fetch(input, init = undefined) {
    needArguments(arguments.length, 1, 'fetch');
    const request = new Request(input, init);
    const signal = sourceSignal(request);
    if (signal?.aborted) throw signal.reason;
    const exchange = new Exchange(request, signal);
    return exchange.run();
}

/** One call of fetch, from the first request to the end of the last response's body. */
class Exchange {
    #redirects = 0;
    #incoming = null;
    #stop = null;
    #interrupt = null;

    constructor(request, signal) {
        this.request = request;
        this.signal = signal;
        this.method = request.method;
        this.url = request.url;
        this.headers = pairsOf(request.headers).filter(([name]) => !OWNED.has(name));
        this.#addDefault('accept', '*/*');
        this.#addDefault('user-agent', 'hearth');
    }

    run() {
        return new Promise((resolve, reject) => {
            if (this.signal !== null) {
                this.#stop = (reason) => {
                    this.#interrupt = { reason };
                    this.#incoming?.interrupt(reason);
                    reject(reason);
                };
                addAlgorithm(this.signal, this.#stop);
            }
            this.#respond().then(resolve, (error) => {
                this.#done();
                reject(error);
            });
        });
    }

    async #respond() {
        if (this.url.startsWith('data:')) return this.#respondWithData();
        const body = requestBody(this.request);
        const replayable = body === null || body.source !== null;
        let content = body === null ? null : await body.take();
        if (typeof content === 'string') content = text.utf8Encode(content);
        for (;;) {
            const answer = await this.#send(content);
            if (!REDIRECT.has(answer.status) || this.request.redirect === 'manual') return this.#toResponse(answer);
            const location = answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
            if (location === undefined && this.request.redirect !== 'error') return this.#toResponse(answer);
            http.cancel(answer.body);
            if (this.request.redirect === 'error') throw failed('the answer is a redirect, and redirect is "error"');
            if (answer.status !== 303 && !replayable) throw failed('a request with a stream as body was redirected');
            content = this.#redirect(answer.status, location) ? null : content;
        }
    }

    async #send(content) {
        if (!/^https?:/.test(this.url)) throw failed(`the scheme of ${this.url.split(':')[0]}: is not supported`);
        const hash = this.url.indexOf('#');
        let answer;
        try {
            answer = await http.send({
                method: this.method,
                url: hash < 0 ? this.url : this.url.slice(0, hash),
                headers: this.headers,
                body: content,
            });
        } catch (error) {
            throw new TypeError('fetch failed', { cause: error });
        }
        if (this.#interrupt !== null) {
            http.cancel(answer.body);
            throw this.#interrupt.reason;
        }
        return answer;
    }

    /** Prepares the next request (Fetch 4.4, HTTP-redirect fetch); true when it goes without the body. */
    #redirect(status, location) {
        const next = url.parse(location, this.url);
        if (!next) throw failed(`the answer redirects to '${location}', which is no valid URL`);
        if (!/^https?:$/.test(next.protocol)) throw failed(`the answer redirects to the scheme ${next.protocol}`);
        if (next.username !== '' || next.password !== '')
            throw failed('the answer redirects to a URL with credentials');
        if (++this.#redirects > MAX_REDIRECTS) throw failed(`more than ${MAX_REDIRECTS} redirects`);
        const { method } = this;
        const dropsBody =
            ((status === 301 || status === 302) && method === 'POST') ||
            (status === 303 && method !== 'GET' && method !== 'HEAD');
        if (dropsBody) {
            this.method = 'GET';
            this.headers = this.headers.filter(([name]) => !OF_BODY.has(name));
        }
        if (url.parse(this.url, undefined).origin !== next.origin) {
            this.headers = this.headers.filter(([name]) => !CREDENTIALS.has(name));
        }
        const hash = this.url.indexOf('#');
        this.url = next.hash === '' && hash >= 0 ? next.href + this.url.slice(hash) : next.href;
        return dropsBody;
    }

    #toResponse({ status, headers, body }) {
        const hash = this.url.indexOf('#');
        const from = {
            type: 'basic',
            url: hash < 0 ? this.url : this.url.slice(0, hash),
            redirected: this.#redirects > 0,
            statusText: REASONS[status] ?? '',
        };
        const pairs = headers.map(([name, value]) => [name.toLowerCase(), value]);
        if (this.method === 'HEAD' || NULL_BODY.has(status)) {
            http.cancel(body);
            this.#done();
            return createResponse(status, pairs, null, from);
        }
        this.#incoming = new Incoming(body, () => this.#done());
        const coding = pairs.findLast(([name]) => name === 'content-encoding')?.[1];
        return createResponse(status, pairs, decoded(this.#incoming, coding), from);
    }

    #respondWithData() {
        const data = this.method === 'GET' ? decodeDataUrl(this.url) : null;
        if (data === null) throw failed('the data: URL is malformed or the method is not GET');
        this.#done();
        const from = { type: 'basic', url: this.url, redirected: false, statusText: 'OK' };
        return createResponse(200, [['content-type', data.type]], data.bytes, from);
    }

    #addDefault(name, value) {
        if (!this.headers.some((pair) => pair[0] === name)) this.headers.push([name, value]);
    }

    // A signal that lives on must not keep what is over.
    #done() {
        if (this.#stop !== null) removeAlgorithm(this.signal, this.#stop);
        this.#stop = null;
    }
}

/** The body of an answer while it comes in. */
class Incoming {
    #handle;
    #done;
    #failure = null;
    #refuse = null;

    constructor(handle, done) {
        this.#handle = handle;
        this.#done = done;
    }

    /** The next chunk, or null at the end. */
    read() {
        return new Promise((resolve, reject) => {
            if (this.#failure !== null) {
                reject(this.#failure.reason);
                return;
            }
            this.#refuse = reject;
            http.read(this.#handle).then(
                (chunk) => {
                    if (chunk === null) this.#done();
                    resolve(chunk);
                },
                (error) => {
                    this.#done();
                    reject(new TypeError('terminated', { cause: error }));
                },
            );
        });
    }

    cancel() {
        this.#done();
        http.cancel(this.#handle);
    }

    interrupt(reason) {
        this.#failure = { reason };
        this.#refuse?.(reason);
        this.cancel();
    }
}

function failed(why) {
    return new TypeError('fetch failed', { cause: new Error(why) });
}

// The reason phrases of RFC 9110; HTTP/2 has none on the wire, and the host tells the status only.
const REASONS = {
    200: 'OK',
    201: 'Created',
    202: 'Accepted',
    203: 'Non-Authoritative Information',
    204: 'No Content',
    205: 'Reset Content',
    206: 'Partial Content',
    300: 'Multiple Choices',
    301: 'Moved Permanently',
    302: 'Found',
    303: 'See Other',
    304: 'Not Modified',
    307: 'Temporary Redirect',
    308: 'Permanent Redirect',
    400: 'Bad Request',
    401: 'Unauthorized',
    402: 'Payment Required',
    403: 'Forbidden',
    404: 'Not Found',
    405: 'Method Not Allowed',
    406: 'Not Acceptable',
    407: 'Proxy Authentication Required',
    408: 'Request Timeout',
    409: 'Conflict',
    410: 'Gone',
    411: 'Length Required',
    412: 'Precondition Failed',
    413: 'Payload Too Large',
    414: 'URI Too Long',
    415: 'Unsupported Media Type',
    416: 'Range Not Satisfiable',
    417: 'Expectation Failed',
    422: 'Unprocessable Entity',
    429: 'Too Many Requests',
    500: 'Internal Server Error',
    501: 'Not Implemented',
    502: 'Bad Gateway',
    503: 'Service Unavailable',
    504: 'Gateway Timeout',
    505: 'HTTP Version Not Supported',
};

/** The content of a Request or Response whose owner reads it now: null, a string, a Uint8Array, or a Promise of one. */
function bodyBytes(message) {
    const body = message instanceof Request ? requestBody(message) : responseBody(message);
    return body === null ? null : body.take();
}

exports.fetch = fetch;
exports.bodyBytes = bodyBytes;
exports.createHeaders = require('web/headers').createHeaders;
/** The pairs of a Headers as they were added, names in lower case; not to be changed. */
exports.headerPairs = pairsOf;
exports.createRequest = require('web/request').createRequest;
exports.createResponse = createResponse;
exports.isResponse = require('web/response').isResponse;
exports.globals = { fetch };
