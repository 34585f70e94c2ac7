const { app } = require('@azure/functions');

const { cachedPairs, currencies, factor } = require('../rates');

app.http('currencies', {
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: () => ({ jsonBody: currencies }),
});

app.http('rates', {
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
        const { base, of = currencies } = await request.json();
        const rates = of.map((currency) => [currency, factor(base, currency)?.value ?? null]);
        return { jsonBody: { base, rates: Object.fromEntries(rates) } };
    },
});

// Which factors this instance knows: only whoever has the function's key may look inside.
app.http('cache', {
    methods: ['GET'],
    authLevel: 'function',
    handler: () => ({ jsonBody: cachedPairs() }),
});
