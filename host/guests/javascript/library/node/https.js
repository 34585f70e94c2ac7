// `https`: the client of `http`, with TLS by the host.

const http = require('node/http');
const { ClientRequest } = require('node/internal/http_client');
const { classes, functions } = require('node/internal/absent');

class Agent extends http.Agent {
    constructor(options) {
        super(options);
        this.protocol = 'https:';
        this.defaultPort = 443;
    }
}

function request(input, options, callback) {
    return new ClientRequest(input, options, callback, 'https:');
}

function get(input, options, callback) {
    return request(input, options, callback).end();
}

const INSTEAD = 'Requests reach a function app through its HTTP triggers (app.http, or httpTrigger in function.json).';

module.exports = { Agent, get, request, globalAgent: new Agent({ keepAlive: true }) };
functions(module.exports, 'https', ['createServer'], INSTEAD);
classes(module.exports, 'https', ['Server'], INSTEAD, require('node/events'));
