// `dgram`: loads, and says what to use instead.

const { classes, functions } = require('node/internal/absent');

const INSTEAD = 'A function app has no sockets; use fetch.';

functions(module.exports, 'dgram', ['createSocket'], INSTEAD);
classes(module.exports, 'dgram', ['Socket'], INSTEAD, require('node/events'));
