// Streams Standard 4.7: byte streams, and reading into buffers of one's own (BYOB).
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const bytes = (...values) => new Uint8Array(values);

function streamOf(...chunks) {
    return new ReadableStream({
        type: 'bytes',
        start(controller) {
            for (const chunk of chunks) controller.enqueue(chunk);
            controller.close();
        },
    });
}

async function collect(stream) {
    const all = [];
    for await (const chunk of stream) all.push(...chunk);
    return all;
}

test('a byte stream gives Uint8Arrays', async () => {
    const reader = streamOf(bytes(1, 2), new Uint16Array([0x0403])).getReader();
    const first = await reader.read();
    ok(first.value instanceof Uint8Array);
    same([...first.value], [1, 2]);
    const second = await reader.read();
    ok(second.value instanceof Uint8Array);
    same([...second.value], [3, 4]);
    equal((await reader.read()).done, true);
});
test('a byte stream takes the buffers of its chunks', async () => {
    const chunk = bytes(1, 2, 3);
    const stream = streamOf(chunk);
    equal(chunk.byteLength, 0);
    same(await collect(stream), [1, 2, 3]);
});
test('a byte stream refuses other chunks', () => {
    let controller;
    new ReadableStream({ type: 'bytes', start: (given) => void (controller = given) });
    throws(() => controller.enqueue('x'), TypeError);
    throws(() => controller.enqueue(bytes()), TypeError);
    throws(() => controller.enqueue(), TypeError);
    equal(controller.byobRequest, null);
});
test('a byte stream refuses a size function', () => {
    throws(() => new ReadableStream({ type: 'bytes' }, { size: () => 1 }), RangeError);
});
test('a byte stream counts bytes', () => {
    let controller;
    new ReadableStream({ type: 'bytes', start: (given) => void (controller = given) }, { highWaterMark: 5 });
    equal(controller.desiredSize, 5);
    controller.enqueue(bytes(1, 2, 3));
    equal(controller.desiredSize, 2);
});
test('a reader reads into its own buffer', async () => {
    const reader = streamOf(bytes(1, 2, 3, 4, 5)).getReader({ mode: 'byob' });
    const mine = new Uint8Array(3);
    const { value, done } = await reader.read(mine);
    same([[...value], done, value.byteOffset, mine.byteLength], [[1, 2, 3], false, 0, 0]);
    const rest = await reader.read(new Uint8Array(10));
    same([[...rest.value], rest.value.buffer.byteLength], [[4, 5], 10]);
    const end = await reader.read(new Uint8Array(4));
    same([end.done, end.value.byteLength, end.value.buffer.byteLength], [true, 0, 4]);
});
test('a reader reads into a part of its buffer', async () => {
    const reader = streamOf(bytes(1, 2)).getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(new ArrayBuffer(8), 2, 4));
    same([[...value], value.byteOffset], [[1, 2], 2]);
    same([...new Uint8Array(value.buffer)], [0, 0, 1, 2, 0, 0, 0, 0]);
});
test('a reader reads whole elements', async () => {
    const reader = streamOf(bytes(1, 0, 2), bytes(0, 3, 0)).getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint16Array(2));
    ok(value instanceof Uint16Array);
    same([...value], [1, 2]);
    same([...(await reader.read(new Uint16Array(2))).value], [3]);
});
test('a reader reads into a DataView', async () => {
    const reader = streamOf(bytes(1, 2)).getReader({ mode: 'byob' });
    const { value } = await reader.read(new DataView(new ArrayBuffer(4)));
    ok(value instanceof DataView);
    same([value.byteLength, value.getUint8(1)], [2, 2]);
});
test('a reader checks its buffer', async () => {
    const reader = streamOf(bytes(1)).getReader({ mode: 'byob' });
    await rejects(reader.read(), TypeError);
    await rejects(reader.read(new ArrayBuffer(1)), TypeError);
    await rejects(reader.read(new Uint8Array(0)), TypeError);
});
testExceptNode('Node 20 has no min', 'a reader asks for a least number of elements', async () => {
    let pulls = 0;
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            controller.enqueue(bytes(++pulls));
        },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(5), { min: 3 });
    same([...value], [1, 2, 3]);
    await rejects(reader.read(new Uint8Array(5), { min: 0 }), TypeError);
    await rejects(reader.read(new Uint8Array(5), { min: 6 }), RangeError);
});
test('a source writes into the buffer of the reader', async () => {
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            const { view } = controller.byobRequest;
            equal(view.byteLength, 4);
            view[0] = 7;
            view[1] = 8;
            controller.byobRequest.respond(2);
        },
    });
    const { value } = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    same([...value], [7, 8]);
});
test('a source answers with a view of its own', async () => {
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            const { view } = controller.byobRequest;
            view[0] = 9;
            controller.byobRequest.respondWithNewView(new Uint8Array(view.buffer, view.byteOffset, 1));
        },
    });
    const { value } = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    same([...value], [9]);
});
testExceptNode('Node 20 checks less', 'a byobRequest is checked and works once', async () => {
    const errors = [];
    const attempt = (action) => {
        try {
            action();
        } catch (error) {
            errors.push(error.constructor);
        }
    };
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            const request = controller.byobRequest;
            attempt(() => request.respond());
            attempt(() => request.respond(0));
            attempt(() => request.respond(5));
            attempt(() => request.respond(-1));
            attempt(() => request.respondWithNewView({}));
            request.respond(1);
            equal(request.view, null);
            attempt(() => request.respond(1));
        },
    });
    await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    same(errors, [TypeError, TypeError, RangeError, TypeError, TypeError, TypeError]);
});
test('autoAllocateChunkSize gives a buffer to default readers', async () => {
    const stream = new ReadableStream({
        type: 'bytes',
        autoAllocateChunkSize: 16,
        pull(controller) {
            const { view } = controller.byobRequest;
            equal(view.byteLength, 16);
            view[0] = 5;
            controller.byobRequest.respond(1);
        },
    });
    same([...(await stream.getReader().read()).value], [5]);
    throws(() => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 0 }), TypeError);
});
test('a second buffer does not ask the source again', async () => {
    let pulls = 0;
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            pulls++;
            if (pulls === 1) void reader.read(new Uint8Array(1));
            else controller.byobRequest.respond(1);
        },
    });
    const reader = stream.getReader({ mode: 'byob' });
    void reader.read(new Uint8Array(1));
    await new Promise((resolve) => setTimeout(resolve, 0));
    equal(pulls, 1);
});
test('closing while a buffer waits', async () => {
    const stream = new ReadableStream({
        type: 'bytes',
        pull(controller) {
            controller.close();
            controller.byobRequest.respond(0);
        },
    });
    const { value, done } = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    same([value.byteLength, done], [0, true]);
});
test('closing in the middle of an element', async () => {
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start: (given) => void (controller = given) });
    const reader = stream.getReader({ mode: 'byob' });
    const read = reader.read(new Uint16Array(1));
    controller.enqueue(bytes(1));
    throws(() => controller.close(), TypeError);
    await rejects(read, TypeError);
});
test('erroring while a buffer waits', async () => {
    const error = new Error('x');
    const stream = new ReadableStream({ type: 'bytes', pull: (controller) => controller.error(error) });
    await rejects(stream.getReader({ mode: 'byob' }).read(new Uint8Array(4)), (caught) => caught === error);
});
test('enqueue serves a waiting buffer', async () => {
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start: (given) => void (controller = given) });
    const reader = stream.getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(2));
    controller.enqueue(bytes(1, 2, 3));
    same([...(await read).value], [1, 2]);
    same([...(await reader.read(new Uint8Array(2))).value], [3]);
});
test('canceling a byte stream', async () => {
    let reason;
    const stream = new ReadableStream({ type: 'bytes', cancel: (given) => void (reason = given) });
    const reader = stream.getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(1));
    await reader.cancel('r');
    equal(reason, 'r');
    same(await read, { value: undefined, done: true });
});
test('releasing a reader of bytes refuses its reads', async () => {
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start: (given) => void (controller = given) });
    const reader = stream.getReader({ mode: 'byob' });
    const read = reader.read(new Uint8Array(4));
    reader.releaseLock();
    await rejects(read, TypeError);
    controller.enqueue(bytes(1, 2));
    controller.close();
    same(await collect(stream), [1, 2]);
});
test('tee of a byte stream', async () => {
    const [left, right] = streamOf(bytes(1, 2), bytes(3)).tee();
    const mine = left.getReader({ mode: 'byob' });
    same([...(await mine.read(new Uint8Array(2))).value], [1, 2]);
    same(await collect(right), [1, 2, 3]);
    same([...(await mine.read(new Uint8Array(2))).value], [3]);
    equal((await mine.read(new Uint8Array(2))).done, true);
});
