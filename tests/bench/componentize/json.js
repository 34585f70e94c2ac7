// The handler of tests/bench/javascript for componentize-js.

addEventListener('fetch', (event) => event.respondWith(json(event.request)));

async function json(request) {
    const order = await request.json();
    let summary = '';
    for (const key of Object.keys(order)) {
        summary += `${key}=${order[key]};`;
    }
    return new Response(JSON.stringify({ summary, length: summary.length }), {
        headers: { 'content-type': 'application/json' },
    });
}
