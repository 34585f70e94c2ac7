// What a starter does with the client of durable-functions, whose server is told by the body.
const df = require('durable-functions');
const binding = require('../client-binding');

module.exports = async function (context, req) {
    const client = df.getClient({ ...context, bindings: { ...context.bindings, starter: binding(req.body.server) } });
    const id = await client.startNew('chain', undefined, 'Ada');
    return client.createCheckStatusResponse(req, id);
};
