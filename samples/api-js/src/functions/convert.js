const { app } = require('@azure/functions');

const { factor } = require('../rates');

app.http('convert', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'convert/{amount:int}/{from:alpha}/{to:alpha}',
    handler: async (request, context) => {
        const { amount, from, to } = request.params;
        const found = factor(from, to);
        if (!found) {
            context.warn(`No rate from ${from} to ${to}`);
            return { status: 404, jsonBody: { error: `There is no rate from ${from} to ${to}.` } };
        }
        return {
            headers: { 'x-cache': found.cached ? 'hit' : 'miss' },
            jsonBody: { amount: Number(amount), from, to, result: amount * found.value },
        };
    },
});
