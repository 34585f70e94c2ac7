// The handler of tests/bench/javascript for componentize-js.

addEventListener('fetch', (event) => event.respondWith(hello(event.request)));

async function hello(request) {
    const name = new URL(request.url).searchParams.get('name') || 'stranger';
    return new Response(`Hello, ${name}!\n`);
}
