// `tls`: loads, and says what to use instead.

const { Duplex } = require('node/stream');
const EventEmitter = require('node/events');
const { classes, functions } = require('node/internal/absent');

const INSTEAD = 'Use fetch (or https.request); the host does the TLS.';

module.exports = {
    DEFAULT_MIN_VERSION: 'TLSv1.2', DEFAULT_MAX_VERSION: 'TLSv1.3', DEFAULT_CIPHERS: '', DEFAULT_ECDH_CURVE: 'auto',
    CLIENT_RENEG_LIMIT: 3, CLIENT_RENEG_WINDOW: 600, rootCertificates: Object.freeze([]),
    getCiphers: () => [],
};
functions(module.exports, 'tls', ['checkServerIdentity', 'connect', 'createSecureContext', 'createSecurePair',
    'createServer'], INSTEAD);
classes(module.exports, 'tls', ['TLSSocket'], INSTEAD, Duplex);
classes(module.exports, 'tls', ['Server', 'SecureContext'], INSTEAD, EventEmitter);
