// `context.req` of the v3 model.
'use strict';

const { parseText, toBuffer } = require('functions/data');
const { decode, joined, user } = require('functions/http');

class Request {
    #user;

    constructor({ method, url, headers, query, params, body }) {
        this.method = method;
        this.url = url;
        this.originalUrl = url;
        this.headers = joined(headers);
        this.query = joined(query);
        this.params = joined(params);
        if (body.length === 0) return;

        this.bufferBody = toBuffer(body);
        const type = this.headers['content-type']?.toLowerCase();
        if (type === 'application/octet-stream' || type?.startsWith('multipart/')) {
            this.body = toBuffer(body);
            this.rawBody = this.bufferBody.toString();
        } else {
            // Whatever its type says, a text that is JSON arrives parsed, as in Azure's worker.
            this.rawBody = decode(body);
            this.body = parseText(this.rawBody);
        }
    }

    get user() {
        this.#user ??= user((name) => this.headers[name]);
        return this.#user;
    }

    get(name) {
        return this.headers[name.toLowerCase()];
    }

    // The parts of a form body: `get(name)`, `getAll(name)`, `has(name)`, iteration.
    parseFormBody() {
        return require('functions/v3/form').parse(this.bufferBody, this.get('content-type'));
    }
}

module.exports = { Request };
