const { app, output } = require('@azure/functions');

const queueOutput = output.storageQueue({
    queueName: 'js-queue-items',
    connection: 'AzureWebJobsStorage',
});

app.http('{{name}}', {
    methods: ['GET', 'POST'],
    authLevel: '{{authLevel}}',
    extraOutputs: [queueOutput],
    handler: async (request, context) => {
        context.log(`Http function processed request for url "${request.url}"`);

        const name = request.query.get('name') || (await request.text()) || 'world';
        context.extraOutputs.set(queueOutput, `Name passed to the function: ${name}`);

        return { status: 202, body: `A message about ${name} is in the queue.` };
    },
});
