// Shows the messages of a queue without taking them: `node tools/peek.js orders-poison`. The connection is that of the app,
// in the environment as AzureWebJobsStorage.
const { QueueServiceClient } = require('@azure/storage-queue');

async function main(name) {
    const service = QueueServiceClient.fromConnectionString(process.env.AzureWebJobsStorage);
    const { peekedMessageItems } = await service.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    for (const { messageText } of peekedMessageItems) {
        console.log(Buffer.from(messageText, 'base64').toString('utf8'));
    }
}

main(process.argv[2] ?? 'orders-poison').catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
