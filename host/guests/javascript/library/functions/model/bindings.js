// `trigger`, `input` and `output`: options become bindings with a name of their own. The name is made of the binding's
// content, as the npm package makes it, so that every instance finds the same.
'use strict';

const crypto = binding('crypto');
const text = binding('text');

const hashDigits = 10;

function named(options, suffix) {
    if (options.name) return options;
    const { type } = options;
    const hasSuffix = type.toLowerCase().endsWith(suffix.toLowerCase());
    const hash = text.hexEncode(crypto.hash('sha256', text.utf8Encode(JSON.stringify(options)))).slice(0, hashDigits);
    options.name = `${type}${hasSuffix ? '' : suffix}${hash}`;
    return options;
}

// Functions that make bindings of the given types, by the names under which they are offered.
function makers(types, suffix) {
    const result = { generic: (options) => named(options, suffix) };
    for (const [name, type] of Object.entries(types)) {
        result[name] = (options) => named({ ...options, type }, suffix);
    }
    return result;
}

const trigger = makers(
    {
        timer: 'timerTrigger',
        storageBlob: 'blobTrigger',
        storageQueue: 'queueTrigger',
        serviceBusQueue: 'serviceBusTrigger',
        serviceBusTopic: 'serviceBusTrigger',
        eventHub: 'eventHubTrigger',
        eventGrid: 'eventGridTrigger',
        cosmosDB: 'cosmosDBTrigger',
        warmup: 'warmupTrigger',
        sql: 'sqlTrigger',
        mySql: 'mysqlTrigger',
        connectorTrigger: 'connectorTrigger',
    },
    'Trigger',
);

trigger.http = (options) => {
    const { authLevel, methods } = options;
    return named(
        { ...options, authLevel: authLevel || 'anonymous', methods: methods || ['GET', 'POST'], type: 'httpTrigger' },
        'Trigger',
    );
};
trigger.webPubSub = (options) => named({ ...connections(options), type: 'webPubSubTrigger' }, 'Trigger');

const input = makers(
    {
        storageBlob: 'blob',
        table: 'table',
        cosmosDB: 'cosmosDB',
        sql: 'sql',
        mySql: 'mysql',
        webPubSubConnection: 'webPubSubConnection',
    },
    'Input',
);

input.webPubSubContext = (options) => named({ ...connections(options), type: 'webPubSubContext' }, 'Input');

const output = makers(
    {
        http: 'http',
        storageBlob: 'blob',
        table: 'table',
        storageQueue: 'queue',
        serviceBusQueue: 'serviceBus',
        serviceBusTopic: 'serviceBus',
        eventHub: 'eventHub',
        eventGrid: 'eventGrid',
        cosmosDB: 'cosmosDB',
        sql: 'sql',
        mySql: 'mysql',
        webPubSub: 'webPubSub',
    },
    'Output',
);

// One connection may be given in place of a list.
function connections({ connection, ...rest }) {
    return { ...rest, connections: rest.connections ?? (connection ? [connection] : undefined) };
}

module.exports = { trigger, input, output };
