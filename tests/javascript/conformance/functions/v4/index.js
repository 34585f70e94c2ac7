// Functions of the v4 model; `calls.json` tells what each must answer, with the npm package as with Hearth's own.
const { app, output, HttpResponse } = require('@azure/functions');

app.setup({ enableHttpStream: true });

const lines = [];
let loads = 0;
loads++;

app.hook.appStart(() => {
    lines.push('started');
});
app.hook.preInvocation((context) => {
    if (context.invocationContext.functionName !== 'hooked') return;
    context.hookData.seen = 'before';
    const { functionHandler } = context;
    context.functionHandler = async (...given) => `${await functionHandler(...given)} wrapped`;
});
app.hook.postInvocation((context) => {
    if (context.invocationContext.functionName === 'hooked') {
        context.result = { body: `${context.hookData.seen}: ${context.result}` };
    }
    if (context.invocationContext.functionName === 'forgiven') {
        context.result = { body: `forgiven: ${context.error.message}` };
        context.error = null;
    }
});

app.get('text', async (request) => ({ body: `Hello, ${request.query.get('name')}` }));

app.http('methods', {
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    handler: async (request) => ({ body: request.method }),
});

app.post('postOnly', { handler: () => ({ status: 201, body: 'not async' }) });

app.http('params', {
    route: 'things/{kind:alpha}/{id?}',
    handler: async (request) => ({ jsonBody: request.params }),
});

app.http('request', {
    methods: ['GET', 'POST'],
    handler: async (request, context) => {
        const { method, url, query, params, headers, user } = request;
        const text = await request.text();
        return {
            jsonBody: {
                method,
                path: new URL(url).pathname,
                query: [...query],
                params,
                header: headers.get('X-Given'),
                text,
                used: request.bodyUsed,
                user,
                functionName: context.functionName,
                trigger: context.options.trigger.type,
                returned: context.options.return.type,
                metadata: context.triggerMetadata ?? null,
                retry: context.retryContext ?? null,
            },
        };
    },
});

app.post('json', async (request) => ({ jsonBody: { got: await request.json() } }));
app.post('bytes', async (request) => ({ body: await request.arrayBuffer() }));
app.post('streamed', async (request) => ({ body: request.body }));
app.post('form', async (request) => ({ jsonBody: [...(await request.formData())] }));

app.get('status', async () => ({
    status: 404,
    body: 'not here',
    headers: { 'X-One': '1', 'content-type': 'text/html' },
}));
app.get('noContent', async () => ({ status: 204, body: 'dropped' }));
app.get('nothing', async () => {});
app.get('jsonNull', async () => ({ jsonBody: null, body: 'instead' }));
app.get('headersObject', async () => ({
    headers: new Headers([
        ['x-a', '1'],
        ['x-a', '2'],
    ]),
    body: 'x',
}));
app.get('headersList', async () => ({ headers: [['X-A', '1']], body: 'x' }));
app.get('response', async () => new HttpResponse({ status: 202, jsonBody: [1] }));
app.get('fetchResponse', async () => new Response('fetched', { status: 203, headers: { 'x-a': '1' } }));
app.get('search', async () => ({ body: new URLSearchParams({ a: 'x y' }) }));
app.get('stream', async () => {
    const chunks = ['one ', 'two'];
    return {
        body: new ReadableStream({
            pull(controller) {
                const chunk = chunks.shift();
                if (chunk === undefined) controller.close();
                else controller.enqueue(new TextEncoder().encode(chunk));
            },
        }),
    };
});

app.get('cookies', async () => ({
    cookies: [
        { name: 'a', value: '1 2', maxAge: 60, httpOnly: true, secure: true, path: '/x', domain: 'example.org' },
        { name: 'b', value: 'v', expires: new Date('2026-11-23T10:00:00Z'), sameSite: 'Lax' },
    ],
}));

app.get('wrongStatus', async () => ({ status: 42 }));
app.get('wrongText', async () => 'no response');
app.get('wrongCookie', async () => ({ cookies: [{ name: 'a', value: 5 }] }));
app.get('throws', async () => {
    throw new RangeError('thrown on purpose');
});

app.get('hooked', async () => 'handled');
app.get('forgiven', async () => {
    throw new Error('not so bad');
});
app.get('state', async () => ({ jsonBody: { loads, lines } }));

app.get('logs', async (request, context) => {
    context.log('plain');
    context.trace('traced');
    context.debug('debugged');
    context.info('informed');
    context.warn('warned %s', 'text', { a: 1 });
    context.error('an error');
    console.log('by console');
    return { status: 204 };
});

const extra = output.http({ name: 'other' });
app.http('extra', {
    methods: ['GET'],
    return: extra,
    handler: async (request, context) => {
        context.extraInputs.set('a', 1);
        context.extraOutputs.set('b', 2);
        return { body: `${context.extraInputs.get('a')}${context.extraOutputs.get({ name: 'b' })}` };
    },
});
