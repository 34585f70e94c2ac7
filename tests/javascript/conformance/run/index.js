// Runs a conformance file, `?file=web/url.js`, and answers { passed, failures: [text…] }. `?echo=` is the base URL of the
// server that tests of fetch talk to.
module.exports = async function (context, req) {
    const { file, echo } = req.query;
    const tests = [];
    globalThis.test = (name, run) => tests.push({ name, run });
    process.env.ECHO_URL = echo;
    require(`../${file}`);

    const failures = [];
    for (const { name, run } of tests) {
        try {
            await run();
        } catch (error) {
            failures.push(`${name}: ${error?.stack ?? error}`);
        }
    }
    const body = { passed: tests.length - failures.length, failures };
    return { headers: { 'content-type': 'application/json' }, body };
};
