// `http2`: loads, and says what to use instead.

const { functions } = require('node/internal/absent');

const INSTEAD = 'Use fetch; the host speaks HTTP/2 to callers.';

module.exports = {
    constants: {
        HTTP2_HEADER_AUTHORITY: ':authority', HTTP2_HEADER_METHOD: ':method', HTTP2_HEADER_PATH: ':path',
        HTTP2_HEADER_SCHEME: ':scheme', HTTP2_HEADER_STATUS: ':status', HTTP2_HEADER_CONTENT_TYPE: 'content-type',
        HTTP2_HEADER_CONTENT_LENGTH: 'content-length', HTTP2_METHOD_GET: 'GET', HTTP2_METHOD_POST: 'POST',
        NGHTTP2_CANCEL: 8, NGHTTP2_NO_ERROR: 0,
    },
    sensitiveHeaders: Symbol('nodejs.http2.sensitiveHeaders'),
};
functions(module.exports, 'http2', ['connect', 'createServer', 'createSecureServer', 'getDefaultSettings'], INSTEAD);
