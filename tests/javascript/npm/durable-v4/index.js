// An app of durable-functions 3.x. Nothing starts orchestrations here yet, so `turn` runs the orchestrator as the host
// would: it calls what the package has registered for it.
const core = require('@azure/functions-core');

const registered = {};
const { registerFunction } = core;
core.registerFunction = (metadata, callback) => {
    registered[metadata.name] = callback;
    return registerFunction(metadata, callback);
};

const { app, InvocationContext } = require('@azure/functions');
const df = require('durable-functions');
const binding = require('./client-binding');
const payload = require('./history');

df.app.orchestration('chain', function* (context) {
    const name = context.df.getInput();
    if (name !== 'Ada') throw new Error(`The input is ${name}`);
    const first = yield context.df.callActivity('F1', 'x');
    if (first === 'fail') throw new Error('failed on purpose');
    const second = yield context.df.callActivity('F2', first);
    context.df.setCustomStatus({ done: true });
    return [first, second];
});
df.app.activity('F1', { handler: (input) => `${input}!` });
df.app.entity('counter', (context) => context.df.setState((context.df.getState(() => 0) ?? 0) + 1));

app.post('turn', async (request) => {
    const trigger = { name: 'context', type: 'orchestrationTrigger' };
    const context = new InvocationContext({ functionName: 'chain', options: { trigger } });
    try {
        return { jsonBody: await registered.chain(payload(await request.json()), context) };
    } catch (error) {
        return { jsonBody: { thrown: error.message } };
    }
});

app.post('client', async (request) => {
    const { server } = await request.json();
    const client = df.input.durableClient();
    const context = new InvocationContext({ options: { extraInputs: [client] } });
    context.extraInputs.set(client, binding(server));
    const durable = df.getClient(context);
    const id = await durable.startNew('chain', { input: 'Ada' });
    return durable.createCheckStatusResponse(request, id);
});
