// `timers`: the global timers by name.

const { globals } = require('internal/timers');

module.exports = {
    setTimeout: globals.setTimeout, setInterval: globals.setInterval, setImmediate: globals.setImmediate,
    clearTimeout: globals.clearTimeout, clearInterval: globals.clearInterval, clearImmediate: globals.clearImmediate,
};
Object.defineProperty(module.exports, 'promises', { enumerable: true, get: () => require('node/timers/promises') });

/** What `util.promisify(setTimeout)` gives. */
const custom = Symbol.for('nodejs.util.promisify.custom');
for (const name of ['setTimeout', 'setImmediate']) {
    Object.defineProperty(module.exports[name], custom, {
        configurable: true, enumerable: false, get: () => require('node/timers/promises')[name],
    });
}
