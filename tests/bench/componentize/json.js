// The handler of tests/bench/javascript for componentize-js; see hello.js for why it has no `fetch` event.

import { Fields, IncomingBody, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.10';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const incomingHandler = {
    handle(request, answer) {
        const order = JSON.parse(read(request));
        let summary = '';
        for (const key of Object.keys(order)) {
            summary += `${key}=${order[key]};`;
        }
        const response = new OutgoingResponse(Fields.fromList([['content-type', encoder.encode('application/json')]]));
        const body = response.body();
        ResponseOutparam.set(answer, { tag: 'ok', val: response });
        const stream = body.write();
        stream.blockingWriteAndFlush(encoder.encode(JSON.stringify({ summary, length: summary.length })));
        stream[Symbol.dispose]();
        OutgoingBody.finish(body, undefined);
    },
};

function read(request) {
    const body = request.consume();
    const stream = body.stream();
    let text = '';
    try {
        for (;;) text += decoder.decode(stream.blockingRead(65536n), { stream: true });
    } catch (error) {
        if (error.payload?.tag !== 'closed') throw error;
    }
    stream[Symbol.dispose]();
    IncomingBody.finish(body);
    return text + decoder.decode();
}
