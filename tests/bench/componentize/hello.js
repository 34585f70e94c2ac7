// The handler of tests/bench/javascript for componentize-js, on the bindings of wasi:http: StarlingMonkey's `fetch` event
// can be answered once in an instance, so it cannot be reused.

import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.10';

const encoder = new TextEncoder();

export const incomingHandler = {
    handle(request, answer) {
        const path = request.pathWithQuery();
        const name = new URL(path, 'http://localhost').searchParams.get('name') || 'stranger';
        const response = new OutgoingResponse(Fields.fromList([['content-type', encoder.encode('text/plain')]]));
        const body = response.body();
        ResponseOutparam.set(answer, { tag: 'ok', val: response });
        const stream = body.write();
        stream.blockingWriteAndFlush(encoder.encode(`Hello, ${name}!\n`));
        stream[Symbol.dispose]();
        OutgoingBody.finish(body, undefined);
    },
};
