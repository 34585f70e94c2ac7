// `tty`: there is no terminal.

const { notAvailable } = require('node/internal/errors');

class ReadStream {
    constructor() { throw notAvailable('tty.ReadStream', 'A function app has no terminal.'); }
}

class WriteStream {
    constructor() { throw notAvailable('tty.WriteStream', 'A function app has no terminal; log with console.'); }
}

module.exports = { ReadStream, WriteStream, isatty: () => false };
