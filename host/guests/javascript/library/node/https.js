// `https`: the client of `http`, with TLS by the host.

const http = require('node/http');
const { ClientRequest } = require('node/internal/http_client');
const { Server } = require('node/internal/http_server');

function Agent(options) {
    if (!(this instanceof Agent)) return new Agent(options);
    http.Agent.call(this, options);
    this.protocol = 'https:';
    this.defaultPort = 443;
    return undefined;
}
Object.setPrototypeOf(Agent.prototype, http.Agent.prototype);
Object.setPrototypeOf(Agent, http.Agent);

function request(input, options, callback) {
    return new ClientRequest(input, options, callback, 'https:');
}

function get(input, options, callback) {
    return request(input, options, callback).end();
}

module.exports = {
    Agent,
    Server,
    get,
    request,
    createServer: (options, listener) => new Server(options, listener),
    globalAgent: new Agent({ keepAlive: true }),
};
