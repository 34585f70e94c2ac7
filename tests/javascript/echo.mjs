// The server that tests of fetch talk to: `node echo.mjs` listens on two free ports of 127.0.0.1 (two origins), prints
// the URL of the first as its only line, and ends when its input does, at the latest after ten minutes.
//
//   /echo            the request as JSON: { method, path, headers: [[name, value]…], body } (body as text)
//   /status/N        status N with the body `status N` (none where HTTP allows none)
//   /redirect/N?to=  status N with that location; without `to`, none
//   /away/N          status N with a location at the other origin's /echo
//   /loop            a redirect to itself
//   /hops/N          N redirects, then /echo
//   /cookies         two cookies and two values of x-twice
//   /bytes/N         N bytes, each its index modulo 256
//   /pieces          `one`, `two`, `three` as three chunks, each sent after the one before was taken up by the network
//   /coded/NAME?hex= those bytes with content-encoding NAME
//   /forever         headers and one chunk, then nothing more; /calls/forever tells how many are still open
//   /hang            no answer at all
//   /broken          a body that ends before its content-length
import { createServer } from 'node:http';

const LIFE_MS = 10 * 60 * 1000;
const BODY_LIMIT = 8 * 1024 * 1024;
let open = 0;

const first = createServer((request, response) => void answer(request, response));
const second = createServer((request, response) => void answer(request, response));
await Promise.all([first, second].map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))));
const [here, there] = [first, second].map((server) => `http://127.0.0.1:${server.address().port}`);

async function answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, here);
    const [, kind, argument] = pathname.split('/');
    const number = Number(argument);
    const redirect = (status, location) => {
        response.writeHead(status, location === null ? {} : { location }).end('redirecting');
    };
    switch (kind) {
        case 'echo':
            return echo(request, response);
        case 'status':
            return void response
                .writeHead(number)
                .end([204, 205, 304].includes(number) ? undefined : `status ${number}`);
        case 'redirect':
            request.resume();
            return redirect(number, searchParams.get('to'));
        case 'away':
            request.resume();
            return redirect(number, `${there}/echo`);
        case 'loop':
            return redirect(302, '/loop');
        case 'hops':
            return redirect(302, number > 1 ? `/hops/${number - 1}` : '/echo');
        case 'cookies':
            return void response
                .writeHead(
                    200,
                    [
                        ['set-cookie', 'a=1'],
                        ['set-cookie', 'b=2'],
                        ['x-twice', '1'],
                        ['x-twice', '2'],
                    ].flat(),
                )
                .end();
        case 'bytes':
            return void response.end(
                Uint8Array.from({ length: Math.min(number, BODY_LIMIT) }, (_, index) => index % 256),
            );
        case 'pieces':
            for (const piece of ['one', 'two', 'three']) await new Promise((resolve) => response.write(piece, resolve));
            return void response.end();
        case 'coded':
            response.writeHead(200, { 'content-encoding': argument });
            return void response.end(Buffer.from(searchParams.get('hex'), 'hex'));
        case 'forever':
            open++;
            response.on('close', () => open--);
            return void response.write('first');
        case 'calls':
            return void response.end(JSON.stringify({ open }));
        case 'hang':
            return undefined;
        case 'broken':
            response.writeHead(200, { 'content-length': 100 });
            return void response.write('half', () => response.destroy());
        default:
            return void response.writeHead(404).end();
    }
}

async function echo(request, response) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size > BODY_LIMIT) return void response.writeHead(413).end();
        chunks.push(chunk);
    }
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
        headers.push([request.rawHeaders[at].toLowerCase(), request.rawHeaders[at + 1]]);
    }
    const body = Buffer.concat(chunks).toString();
    response.writeHead(200, { 'content-type': 'application/json', 'x-method': request.method });
    response.end(JSON.stringify({ method: request.method, path: request.url, headers, body }));
}

console.log(here);
process.stdin.on('end', () => process.exit()).resume();
setTimeout(() => process.exit(), LIFE_MS).unref();
