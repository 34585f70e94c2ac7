const { app } = require('@azure/functions');

app.storageQueue('{{name}}', {
    queueName: 'js-queue-items',
    connection: 'AzureWebJobsStorage',
    handler: (queueItem, context) => {
        context.log('Storage queue function processed work item:', queueItem);
    },
});
