// Notes when it began, as the Rust guest `events` does.
const { app, output } = require('@azure/functions');

app.storageQueue('bench', {
    queueName: 'bench-in',
    return: output.storageQueue({ queueName: 'bench-out' }),
    handler: (body) => `${body},${Date.now()}000`,
});
