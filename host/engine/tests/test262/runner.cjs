// Runs one test of test262 and returns what it threw as `Name: message`, or `passed`. Nothing else has used this
// instance, so a test may change whatever it likes.

const { runInThisContext: evaluate } = require('vm');

const PASSED = 'passed';

module.exports = async function (context, job) {
    let printed;
    const end = new Promise((resolve) => { printed = resolve; });
    globalThis.print = (text) => printed(String(text));
    globalThis.$262 = host();
    try {
        job.harness.forEach((text) => evaluate(text));
        if (job.module !== undefined) {
            await import(`./${job.module}`);
        } else {
            evaluate(job.script, `${__dirname}/${job.path}`);
        }
        if (!job.async) return PASSED;
        const text = await end;
        return text === 'Test262:AsyncTestComplete' ? PASSED : text;
    } catch (error) {
        return describe(error);
    }
};

// What a test may ask of its host, as far as there is any of it.
function host() {
    return {
        global: globalThis,
        evalScript: (text) => evaluate(text),
        detachArrayBuffer: (buffer) => { structuredClone(buffer, { transfer: [buffer] }); },
        gc() { throw new Error('$262.gc is not there'); },
    };
}

function describe(error) {
    if (error === null || typeof error !== 'object') return `thrown: ${String(error)}`;
    const name = typeof error.constructor === 'function' ? error.constructor.name : error.name;
    return `${name}: ${error.message}`;
}
