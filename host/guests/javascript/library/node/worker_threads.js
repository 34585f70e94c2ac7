// `worker_threads`: this is the main thread, and there are no others.

const { classes, functions } = require('node/internal/absent');
const { BroadcastChannel, MessageChannel, MessagePort } = require('node/internal/message_port');

const INSTEAD = 'A function app runs in one thread; invocations run beside each other in other instances.';

module.exports = {
    isMainThread: true,
    parentPort: null,
    workerData: null,
    threadId: 0,
    resourceLimits: {},
    SHARE_ENV: Symbol('SHARE_ENV'),
    getEnvironmentData: () => undefined,
    setEnvironmentData() {},
    markAsUntransferable() {},
    isMarkedAsUntransferable: () => false,
    BroadcastChannel,
    MessageChannel,
    MessagePort,
};
functions(module.exports, 'worker_threads', ['moveMessagePortToContext', 'receiveMessageOnPort'], INSTEAD);
classes(module.exports, 'worker_threads', ['Worker'], INSTEAD, require('node/events'));
