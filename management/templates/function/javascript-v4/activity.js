const df = require('durable-functions');

df.app.activity('{{name}}', {
    handler: (input, context) => {
        context.log(`Saying hello to ${input}`);

        return `Hello, ${input}!`;
    },
});
