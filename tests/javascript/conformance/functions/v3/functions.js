// Functions of the v3 model; `calls.json` tells what each must answer. A name that ends in `Return` has the output
// `$return`, the others have `res`.

exports.assigned = async function (context, req) {
    context.res = { status: 201, headers: { 'X-One': 1, 'x-none': null }, body: `Hello, ${req.query.name}` };
};

exports.chained = function (context) {
    context.res.status(202).set('X-One', 'a').header('x-two', 'b').setHeader('X-Three', 'c').type('text/html');
    context.res.removeHeader('X-THREE').send(`<p>${context.res.get('x-one')}</p>`);
};

exports.json = function (context) {
    context.res.json({ a: [1, null], b: 'ü' });
};

exports.sendStatus = function (context) {
    context.res.sendStatus(404);
};

exports.ended = function (context) {
    context.res.end(Buffer.from([1, 2, 255]));
};

exports.statusProperty = async function (context) {
    context.res.status = 418;
    context.res.body = 'short';
};

exports.statusText = async (context) => {
    context.res = { statusCode: '203', status: 500, body: 'x' };
};

exports.statusUnusable = async (context) => {
    context.res = { status: 'many', body: 'x' };
};

exports.object = async (context) => {
    context.res = { body: { a: 1 } };
};

exports.number = async (context) => {
    context.res = { body: 0 };
};

exports.typed = async (context) => {
    context.res = { body: { a: 1 }, headers: { 'Content-Type': 'application/hal+json' } };
};

exports.bytes = async (context) => {
    context.res = { body: new Uint8Array([9, 104, 105, 9]).subarray(1, 3) };
};

exports.nothing = async () => {};

exports.bindings = async (context) => {
    context.bindings.res = { status: 201, body: 'bound' };
};

exports.spread = async () => ({ res: { status: 201, body: 'spread' } });

exports.spreadByDone = (context) => {
    context.bindings.res = { body: 'not this' };
    context.done(null, { res: { body: 'done' } });
};

exports.looksLikeResponse = async () => ({ status: 201, body: 'response' });

exports.objectReturn = async () => ({ status: 201, body: 'returned' });

exports.doneReturn = (context) => context.done(undefined, { body: 'by done' });

exports.resReturn = async (context) => {
    context.res = { body: 'by res' };
};

exports.textReturn = async () => 'no response';

exports.later = (context) => {
    setTimeout(() => {
        context.res = { body: 'later' };
        context.done();
    }, 5);
};

exports.thenable = () => ({ then: (resolve) => resolve({ res: { body: 'thenable' } }) });

exports.throws = async () => {
    throw new Error('thrown on purpose');
};

exports.throwsAtOnce = () => {
    throw new TypeError('at once');
};

exports.throwsText = async () => {
    throw 'only a text';
};

exports.doneError = (context) => context.done(new Error('by done on purpose'));

exports.doneTwice = (context) => {
    context.res = { body: 'once' };
    context.done();
    context.done();
};

exports.asyncAndDone = async (context) => {
    context.res = { body: 'both' };
    context.done();
};

exports.suppressed = async (context) => {
    context.suppressAsyncDoneError = true;
    context.res = { body: 'quiet' };
    context.done();
};

exports.generator = function* () {
    yield 1;
};

exports.neverEnds = () => {};

exports.request = async (context, req) => {
    const { method, url, originalUrl, query, params, headers, rawBody } = req;
    const body = Buffer.isBuffer(req.body) ? { bytes: [...req.body] } : req.body;
    context.res.json({
        same: req === context.req && req === context.bindings.req,
        method,
        path: new URL(url).pathname,
        sameUrl: url === originalUrl,
        query,
        params,
        header: req.get('X-Given'),
        sameHeader: headers['x-given'] === req.get('x-given'),
        type: typeof req.body,
        body,
        rawBody,
        bufferBody: req.bufferBody && [...req.bufferBody],
        user: req.user,
    });
    context.suppressAsyncDoneError = true;
};

exports.form = async (context, req) => {
    const form = req.parseFormBody();
    const parts = Array.from(form, ([name, { value, fileName, contentType }]) => {
        return { name, value: value.toString(), fileName, contentType };
    });
    context.res = { body: { length: form.length, has: form.has('a'), none: form.get('none'), parts } };
};

exports.context = async function (context) {
    const { invocationId, executionContext, bindingData, bindingDefinitions, traceContext } = context;
    const { sys } = bindingData;
    context.res = {
        body: {
            same: invocationId === executionContext.invocationId && invocationId === bindingData.invocationId,
            id: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(invocationId),
            functionName: executionContext.functionName,
            functionDirectory: executionContext.functionDirectory,
            dirname: __dirname,
            retryContext: executionContext.retryContext ?? null,
            methodName: sys.methodName,
            sys: [Number.isNaN(Date.parse(sys.utcNow)), sys.randGuid.length],
            query: bindingData.query,
            traceparent: traceContext.traceparent ?? null,
            bindingDefinitions,
            logs: Object.keys(context.log).sort(),
        },
    };
};

exports.logs = async (context) => {
    context.log('plain');
    context.log.error(new Error('logged'));
    context.log.warn('warned %s', 'text', { a: 1 });
    context.log.info('informed');
    context.log.verbose('said much');
    context.res = { status: 204 };
};

exports.logsLate = (context) => {
    context.res = { body: 'ended' };
    context.done();
    context.log('too late');
};

exports.cookies = async (context) => {
    context.res = {
        body: 'x',
        cookies: [
            {
                name: 'a',
                value: '1 2;é',
                path: '/x',
                domain: 'example.org',
                secure: true,
                httpOnly: true,
                maxAge: '60',
            },
            { name: 'b', value: 'v', expires: new Date('2026-11-23T10:00:00Z'), sameSite: 'Strict' },
            { name: 'c', value: '', sameSite: 'None' },
        ],
    };
};

exports.wrongCookie = async (context) => {
    context.res = { cookies: [{ name: 'a', value: 5 }] };
};

exports.negotiated = async (context) => {
    context.res = { body: { a: 1 }, enableContentNegotiation: true };
};
