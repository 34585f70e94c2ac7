const { app } = require('@azure/functions');

app.cosmosDB('{{name}}', {
    connection: 'CosmosDB',
    databaseName: 'my-database',
    containerName: 'my-container',
    createLeaseContainerIfNotExists: true,
    handler: (documents, context) => {
        context.log(`Cosmos DB function processed ${documents.length} documents`);
    },
});
