// `cluster`: this is the primary, and there are no others.

const { functions } = require('node/internal/absent');
const EventEmitter = require('node/events');

module.exports = Object.assign(new EventEmitter(), {
    isMaster: true, isPrimary: true, isWorker: false, workers: {}, settings: {}, SCHED_NONE: 1, SCHED_RR: 2,
    setupMaster() {},
    setupPrimary() {},
});
functions(module.exports, 'cluster', ['fork', 'disconnect'], 'The host decides how many instances of an app run.');
