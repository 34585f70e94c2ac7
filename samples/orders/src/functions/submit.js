const { app, output } = require('@azure/functions');

const orders = output.storageQueue({ queueName: 'orders', connection: 'AzureWebJobsStorage' });

// Takes an order and answers at once; the work is done later, however long it takes.
app.http('submit', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'orders',
    extraOutputs: [orders],
    handler: async (request, context) => {
        const order = await request.json().catch(() => null);
        if (!order?.id || !Array.isArray(order.lines)) {
            return { status: 400, jsonBody: { error: 'An order has an id and lines.' } };
        }
        context.extraOutputs.set(orders, order);
        return { status: 202, jsonBody: { accepted: order.id } };
    },
});
