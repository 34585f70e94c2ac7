// Notes when each of its items was written and when it began. It knows whole milliseconds, and takes the end of this one.
const { app, output } = require('@azure/functions');

app.cosmosDB('bench', {
    databaseName: 'bench',
    containerName: 'items',
    createLeaseContainerIfNotExists: true,
    startFromBeginning: true,
    maxItemsPerInvocation: 1000,
    return: output.storageQueue({ queueName: 'bench-out' }),
    handler: (items) => `${items.map((item) => item.at).join(';')},${Date.now() + 1}000`,
});
