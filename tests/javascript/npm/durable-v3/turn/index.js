// One turn of the orchestrator `chain`: the body is the list of results so far.
const chain = require('../chain');
const payload = require('../history');

module.exports = async function (context, req) {
    const state = await new Promise((resolve) => {
        const done = (error, value) => resolve(error ? { thrown: error.message } : value);
        chain({ ...context, log: context.log, bindings: { context: payload(req.body) }, done });
    });
    return { headers: { 'content-type': 'application/json' }, body: state };
};
