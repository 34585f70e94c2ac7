// `context.res` of the v3 model, in the habit of Express, and what becomes of it or of the object a function puts in
// its place (reference: Azure Functions, section 2.7).
'use strict';

const { systemError } = require('functions/errors');
const { encode, response } = require('functions/http');

const plainText = 'text/plain; charset=utf-8';

class Response {
    constructor(done) {
        this.headers = {};
        this.cookies = [];
        // Known by this name to some apps.
        this._done = done;
    }

    end(body) {
        if (body !== undefined) this.body = body;
        this.setContentType();
        this._done();
        return this;
    }

    setHeader(name, value) {
        this.headers[name.toLowerCase()] = value;
        return this;
    }

    getHeader(name) {
        return this.headers[name.toLowerCase()];
    }

    removeHeader(name) {
        delete this.headers[name.toLowerCase()];
        return this;
    }

    status(statusCode) {
        this.statusCode = statusCode;
        return this;
    }

    sendStatus(statusCode) {
        return this.status(statusCode).end();
    }

    type(type) {
        return this.setHeader('content-type', type);
    }

    json(body) {
        this.type('application/json');
        this.send(body);
    }

    setContentType() {
        if (Buffer.isBuffer(this.body) && !this.getHeader('content-type')) this.type('application/octet-stream');
    }
}

const { prototype } = Response;
prototype.send = prototype.end;
prototype.header = prototype.setHeader;
prototype.set = prototype.setHeader;
prototype.get = prototype.getHeader;

// Whether a function has left it as it was made.
function isUntouched(res) {
    return (
        res instanceof Response &&
        res.statusCode === undefined &&
        res.body === undefined &&
        typeof res.status === 'function' &&
        res.cookies.length === 0 &&
        Object.keys(res.headers).length === 0
    );
}

// The finished response of what is bound to the `http` output.
function toResponse(value) {
    if (typeof value !== 'object' || Array.isArray(value)) {
        throw systemError(
            "The HTTP response must be an 'object' type that can include properties such as 'body', 'status', and " +
                `'headers'. Found ${Array.isArray(value) ? 'an array' : `'${typeof value}'`}.`,
        );
    }
    const given = value ?? {};
    const status = statusOf(given.statusCode || (typeof given.status === 'function' ? undefined : given.status));
    const headers = headersOf(given.headers);
    const { cookies, body } = given;
    if (cookies?.length > 0) {
        for (const line of require('functions/cookies').setCookies(cookies)) headers.push(['set-cookie', line]);
    }

    if (ArrayBuffer.isView(body)) {
        const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
        return response(status, typed(headers, 'application/octet-stream'), bytes);
    }
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    if (text === undefined || body === null) return response(status, headers, undefined);
    if (given.enableContentNegotiation) return negotiated(status, headers, body);
    return response(status, typed(headers, plainText), encode(text));
}

// The form of the answer is the host's choice by what the caller accepts.
function negotiated(statusCode, pairs, body) {
    const headers = {};
    for (const [name, value] of pairs) (headers[name] ??= []).push(value);
    return { kind: 'json', value: JSON.stringify({ statusCode, headers, body, enableContentNegotiation: true }) };
}

// A number or its text; 200 when it can't be used.
function statusOf(given) {
    const status = Number(given ?? 200);
    return Number.isInteger(status) && status >= 200 && status <= 999 ? status : 200;
}

// Of names that differ only in case the first counts.
function headersOf(given) {
    const headers = [];
    if (typeof given !== 'object' || given === null) return headers;
    for (const key in given) {
        const value = given[key];
        if (value === undefined || value === null) continue;
        const name = key.toLowerCase();
        if (!headers.some((pair) => pair[0] === name)) headers.push([name, String(value)]);
    }
    return headers;
}

function typed(headers, type) {
    if (!headers.some((pair) => pair[0] === 'content-type')) headers.push(['content-type', type]);
    return headers;
}

module.exports = { Response, isUntouched, toResponse };
