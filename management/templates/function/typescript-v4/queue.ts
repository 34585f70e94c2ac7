import { app, InvocationContext } from '@azure/functions';

export async function handler(queueItem: unknown, context: InvocationContext): Promise<void> {
    context.log('Storage queue function processed work item:', queueItem);
}

app.storageQueue('{{name}}', {
    queueName: 'js-queue-items',
    connection: 'AzureWebJobsStorage',
    handler,
});
