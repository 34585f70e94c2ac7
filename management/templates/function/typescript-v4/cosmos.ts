import { app, InvocationContext } from '@azure/functions';

export async function handler(documents: unknown[], context: InvocationContext): Promise<void> {
    context.log(`Cosmos DB function processed ${documents.length} documents`);
}

app.cosmosDB('{{name}}', {
    connection: 'CosmosDB',
    databaseName: 'my-database',
    containerName: 'my-container',
    createLeaseContainerIfNotExists: true,
    handler,
});
