// Servers of `http` and `https`: frameworks make one before they are asked anything, so they can be made; they cannot
// listen. What is emitted as 'request' by hand (as adapters of frameworks do) reaches the listener.

const EventEmitter = require('node/events');
const { notAvailable } = require('node/internal/errors');

class Server extends EventEmitter {
    listening = false;
    timeout = 0;
    keepAliveTimeout = 5000;
    headersTimeout = 60000;
    requestTimeout = 300000;
    maxHeadersCount = null;
    maxRequestsPerSocket = 0;

    constructor(options, listener) {
        super();
        const onRequest = typeof options === 'function' ? options : listener;
        if (onRequest) this.on('request', onRequest);
    }

    listen() {
        throw notAvailable(
            'Listening on a port',
            'Requests reach a function app through its HTTP triggers (app.http, or httpTrigger in function.json).',
        );
    }

    close(callback) {
        if (typeof callback === 'function') require('internal/timers').nextTick(callback);
        return this;
    }

    setTimeout(milliseconds, callback) {
        if (callback) this.on('timeout', callback);
        return this;
    }

    address() {
        return null;
    }

    ref() {
        return this;
    }

    unref() {
        return this;
    }

    closeAllConnections() {}
    closeIdleConnections() {}
}

module.exports = { Server };
