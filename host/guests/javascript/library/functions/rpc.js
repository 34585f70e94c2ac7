// A programming model that an app ships, the npm package `@azure/functions`, run through the protocol of Azure's Node
// worker: requests and responses in the shapes of its gRPC messages (reference: Azure Functions, section 7.1).
'use strict';

const { nothing } = require('functions/data');
const { response: httpResponse, joined } = require('functions/http');
const { withHooks } = require('functions/invocation');
const registry = require('functions/registry');

class CoreContext {
    state = undefined;

    constructor(request, metadata) {
        this.invocationId = request.invocationId;
        this.request = request;
        this.metadata = metadata;
        this.user = undefined;
    }

    log(level, category, message) {
        registry.log(level, category, message, this.user);
    }
}

async function invoke(declared, request, model) {
    const core = new CoreContext(toRpcRequest(declared, request), declared.metadata);
    const invocation = await model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    core.user = context;
    core.state = 'invocation';
    const result = await withHooks(
        context,
        inputs,
        declared.callback,
        (given, callback) => invocation.invokeFunction(context, given, callback),
        (state) => (core.state = state),
    );
    core.state = undefined;
    const { outputData, returnValue } = await invocation.getResponse(context, result);
    return {
        outputs: (outputData ?? []).map(({ name, data }) => ({ name, data: fromRpc(data) })),
        returnValue: fromRpc(returnValue),
    };
}

function toRpcRequest({ metadata }, request) {
    const { trace, retry } = request;
    const triggerMetadata = {};
    for (const { name, data } of request.metadata) triggerMetadata[name] = toRpc(data);
    return {
        invocationId: request.invocationId,
        functionId: metadata.functionId,
        inputData: [request.trigger, ...request.inputs].map(({ name, data }) => ({ name, data: toRpc(data) })),
        triggerMetadata,
        traceContext: trace ? { traceParent: trace.traceParent, traceState: trace.traceState } : undefined,
        retryContext: retry
            ? {
                  retryCount: retry.retryCount,
                  maxRetryCount: retry.maxRetryCount,
                  exception: retry.lastError ? { message: retry.lastError } : undefined,
              }
            : undefined,
    };
}

function toRpc({ kind, value }) {
    switch (kind) {
        case 'text':
            return { string: value };
        case 'json':
            return { json: value };
        case 'bytes':
            return { bytes: value };
        case 'int':
            return { int: value };
        case 'double':
            return { double: value };
        case 'text-list':
            return { collectionString: { string: value } };
        case 'bytes-list':
            return { collectionBytes: { bytes: value } };
        case 'http-request':
            return {
                http: {
                    method: value.method,
                    url: value.url,
                    headers: joined(value.headers),
                    query: joined(value.query),
                    params: joined(value.params),
                    body: value.body.length > 0 ? { bytes: value.body } : undefined,
                },
            };
        default:
            return undefined;
    }
}

function fromRpc(data) {
    if (data === undefined || data === null) return nothing;
    if (isSet(data.http)) return fromRpcHttp(data.http);
    if (isSet(data.string)) return { kind: 'text', value: data.string };
    if (isSet(data.json)) return { kind: 'json', value: data.json };
    if (isSet(data.bytes)) return { kind: 'bytes', value: data.bytes };
    if (isSet(data.stream)) return { kind: 'bytes', value: data.stream };
    if (isSet(data.int)) return number(data.int);
    if (isSet(data.double)) return number(data.double);
    if (data.collectionString?.string) return { kind: 'text-list', value: data.collectionString.string };
    if (data.collectionBytes?.bytes) return { kind: 'bytes-list', value: data.collectionBytes.bytes };
    return nothing;
}

function isSet(value) {
    return value !== undefined && value !== null;
}

function number(value) {
    if (Number.isSafeInteger(value)) return { kind: 'int', value };
    return Number.isFinite(value) ? { kind: 'double', value } : { kind: 'json', value: 'null' };
}

function fromRpcHttp({ statusCode, headers, cookies, body }) {
    const pairs = Object.entries(headers ?? {});
    if (cookies?.length > 0) {
        for (const line of require('functions/cookies').setRpcCookies(cookies)) pairs.push(['set-cookie', line]);
    }
    return httpResponse(Number(statusCode ?? 200), pairs, body?.bytes ?? body?.string ?? body?.json);
}

module.exports = { invoke };
