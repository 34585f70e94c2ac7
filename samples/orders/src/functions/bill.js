const { app, output } = require('@azure/functions');

const prices = require('../prices');

const receipts = output.storageQueue({ queueName: 'receipts', connection: 'AzureWebJobsStorage' });

// Works on one order. After an error the message comes again; the third time it goes to `orders-poison`.
app.storageQueue('bill', {
    queueName: 'orders',
    connection: 'AzureWebJobsStorage',
    extraOutputs: [receipts],
    handler: (order, context) => {
        const { dequeueCount } = context.triggerMetadata;
        context.log(`Order ${order.id}, attempt ${dequeueCount}`);
        let total = 0;
        for (const { item, count } of order.lines) {
            if (!Object.hasOwn(prices, item)) throw new Error(`Order ${order.id}: there is no '${item}' to buy.`);
            total += prices[item] * count;
        }
        context.extraOutputs.set(receipts, { order: order.id, total });
        context.log(`Order ${order.id} comes to ${total / 100}`);
    },
});
