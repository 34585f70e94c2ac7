const { app } = require('@azure/functions');

app.http('hello', {
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async (request) => ({ body: `Hello, ${request.query.get('name') || 'stranger'}!\n` }),
});

app.http('json', {
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
        const order = await request.json();
        let summary = '';
        for (const key of Object.keys(order)) {
            summary += `${key}=${order[key]};`;
        }
        return { jsonBody: { summary, length: summary.length } };
    },
});
