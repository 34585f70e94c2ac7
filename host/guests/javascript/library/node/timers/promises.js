// `timers/promises`.

const timers = require('internal/timers').globals;
const { AbortError, validateAbortSignal } = require('node/internal/errors');

function wait(start, stop, value, { signal, ref = true } = {}) {
    return new Promise((resolve, reject) => {
        validateAbortSignal(signal, 'options.signal');
        if (signal?.aborted) {
            reject(new AbortError(undefined, { cause: signal.reason }));
            return;
        }
        const timer = start(() => {
            signal?.removeEventListener('abort', onAbort);
            resolve(value);
        });
        if (!ref) timer.unref?.();
        function onAbort() {
            stop(timer);
            reject(new AbortError(undefined, { cause: signal.reason }));
        }
        signal?.addEventListener('abort', onAbort, { once: true });
    });
}

function setTimeout(delay, value, options) {
    return wait((done) => timers.setTimeout(done, delay), timers.clearTimeout, value, options);
}

function setImmediate(value, options) {
    return wait((done) => timers.setImmediate(done), timers.clearImmediate, value, options);
}

async function* setInterval(delay, value, options) {
    for (;;) {
        await setTimeout(delay, undefined, options);
        yield value;
    }
}

const scheduler = {
    wait: (delay, options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
};

module.exports = { scheduler, setImmediate, setInterval, setTimeout };
