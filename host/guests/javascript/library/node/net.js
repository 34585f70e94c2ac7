// `net`: the tests of addresses work; there are no sockets.

const { Duplex } = require('node/stream');
const EventEmitter = require('node/events');
const { classes, functions } = require('node/internal/absent');

const INSTEAD = 'A function app reaches other machines with fetch (or http.request), and its callers by triggers.';
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);

function isIPv4(text) {
    return IPV4.test(`${text}`);
}

function isIPv6(text) {
    let address = `${text}`.replace(/%[0-9a-zA-Z-.:]+$/, '');
    const tail = /:([^:]*\.[^:]*)$/.exec(address);
    if (tail !== null) {
        if (!isIPv4(tail[1])) return false;
        address = `${address.slice(0, tail.index)}:0:0`;
    }
    const halves = address.split('::');
    if (halves.length > 2) return false;
    const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
    if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
    return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

module.exports = {
    isIPv4, isIPv6,
    isIP: (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0),
    getDefaultAutoSelectFamily: () => true,
    setDefaultAutoSelectFamily() {},
    getDefaultAutoSelectFamilyAttemptTimeout: () => 250,
    setDefaultAutoSelectFamilyAttemptTimeout() {},
};
functions(module.exports, 'net', ['connect', 'createConnection', 'createServer'], INSTEAD);
classes(module.exports, 'net', ['Socket', 'Stream'], INSTEAD, Duplex);
classes(module.exports, 'net', ['Server', 'BlockList', 'SocketAddress'], INSTEAD, EventEmitter);
