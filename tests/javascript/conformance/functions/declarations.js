// `trigger`, `input` and `output` of '@azure/functions': what a binding holds, and the name it gets. The names are
// those of the npm package: an app that compares or logs them finds no others.
const assert = require('assert');
const functions = require('@azure/functions');
const { input, output, trigger } = functions;

test('a trigger has its type and a name made of its content', () => {
    assert.deepStrictEqual(trigger.timer({ schedule: '0 * * * * *' }), {
        schedule: '0 * * * * *',
        type: 'timerTrigger',
        name: trigger.timer({ schedule: '0 * * * * *' }).name,
    });
    assert.strictEqual(trigger.timer({ schedule: '* * * * * *' }).name, 'timerTrigger7883c7e8b8');
    assert.notStrictEqual(trigger.timer({ schedule: '* * * * * *' }).name, trigger.timer({ schedule: '' }).name);
});

test('a name that is given stays', () => {
    assert.strictEqual(trigger.storageQueue({ queueName: 'q', connection: 'c', name: 'mine' }).name, 'mine');
    assert.strictEqual(input.generic({ type: 'durableClient', name: 'client' }).name, 'client');
});

test('an http trigger is anonymous and takes GET and POST unless it says otherwise', () => {
    const { name, ...rest } = trigger.http({});
    assert.match(name, /^httpTrigger[0-9a-f]{10}$/);
    assert.deepStrictEqual(rest, { authLevel: 'anonymous', methods: ['GET', 'POST'], type: 'httpTrigger' });
    const chosen = trigger.http({ authLevel: 'function', methods: ['PUT'], route: 'a/{id}' });
    assert.strictEqual(chosen.authLevel, 'function');
    assert.deepStrictEqual(chosen.methods, ['PUT']);
    assert.strictEqual(chosen.route, 'a/{id}');
});

test('every trigger is of the type that the host knows', () => {
    const types = {
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
        webPubSub: 'webPubSubTrigger',
        connectorTrigger: 'connectorTrigger',
    };
    for (const [kind, type] of Object.entries(types)) {
        const made = trigger[kind]({ connection: 'c' });
        assert.strictEqual(made.type, type, kind);
        assert.match(made.name, new RegExp(`^${type}[0-9a-f]{10}$`), kind);
        assert.strictEqual(typeof functions.app[kind], 'function', kind);
    }
});

test('inputs and outputs carry what they are in their names', () => {
    const inputs = { storageBlob: 'blob', table: 'table', cosmosDB: 'cosmosDB', sql: 'sql', mySql: 'mysql' };
    for (const [kind, type] of Object.entries(inputs)) {
        assert.match(input[kind]({}).name, new RegExp(`^${type}Input[0-9a-f]{10}$`), kind);
        assert.strictEqual(input[kind]({}).type, type);
    }
    const outputs = {
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
    };
    for (const [kind, type] of Object.entries(outputs)) {
        assert.match(output[kind]({}).name, new RegExp(`^${type}Output[0-9a-f]{10}$`), kind);
        assert.strictEqual(output[kind]({}).type, type);
    }
});

test('names that depend on the content are those of the npm package', () => {
    assert.strictEqual(trigger.http({ methods: ['GET', 'POST'] }).name, 'httpTrigger624a61988c');
    assert.strictEqual(output.storageQueue({ queueName: 'q', connection: 'c' }).name, 'queueOutput7ea82830e4');
});

test('options stay as they are', () => {
    const options = { queueName: 'q', connection: 'c' };
    output.storageQueue(options);
    assert.deepStrictEqual(options, { queueName: 'q', connection: 'c' });
});

test('one connection of Web PubSub becomes a list', () => {
    const { connections, connection } = input.webPubSubContext({ connection: 'c' });
    assert.deepStrictEqual([connections, connection], [['c'], undefined]);
});

test('kinds of changes', () => {
    assert.deepStrictEqual([functions.SqlChangeOperation.Update, functions.SqlChangeOperation[2]], [1, 'Delete']);
    assert.strictEqual(functions.CosmosDBChangeFeedMode.LatestVersion, 'LatestVersion');
});
