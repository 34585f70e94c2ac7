const { app } = require('@azure/functions');
const df = require('durable-functions');

app.http('{{name}}', {
    route: 'orchestrators/{orchestratorName}',
    methods: ['POST'],
    authLevel: '{{authLevel}}',
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
        const client = df.getClient(context);
        const input = await request.text();
        const instanceId = await client.startNew(request.params.orchestratorName, { input });

        context.log(`Started orchestration with ID = '${instanceId}'.`);

        return client.createCheckStatusResponse(request, instanceId);
    },
});
