import { app, HttpHandler, HttpRequest, HttpResponse, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

const handler: HttpHandler = async (request: HttpRequest, context: InvocationContext): Promise<HttpResponse> => {
    const client = df.getClient(context);
    const input: string = await request.text();
    const instanceId: string = await client.startNew(request.params.orchestratorName, { input });

    context.log(`Started orchestration with ID = '${instanceId}'.`);

    return client.createCheckStatusResponse(request, instanceId);
};

app.http('{{name}}', {
    route: 'orchestrators/{orchestratorName}',
    methods: ['POST'],
    authLevel: '{{authLevel}}',
    extraInputs: [df.input.durableClient()],
    handler,
});
