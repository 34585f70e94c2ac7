// Streams Standard 4.2.4 and 6: pipeTo, pipeThrough, TransformStream, TextEncoderStream and TextDecoderStream.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const ticks = () => new Promise((resolve) => setTimeout(resolve, 0));

async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

function recorder() {
    const seen = [];
    const stream = new WritableStream({
        write: (chunk) => void seen.push(chunk),
        close: () => void seen.push('close'),
        abort: (reason) => void seen.push(['abort', reason]),
    });
    return { seen, stream };
}

function failing(error) {
    return new ReadableStream({ pull: (controller) => controller.error(error) });
}

test('pipeTo moves all chunks and closes', async () => {
    const { seen, stream } = recorder();
    const source = ReadableStream.from([1, 2, 3]);
    const piping = source.pipeTo(stream);
    same([source.locked, stream.locked], [true, true]);
    equal(await piping, undefined);
    same(seen, [1, 2, 3, 'close']);
    same([source.locked, stream.locked], [false, false]);
});
test('pipeTo with preventClose', async () => {
    const { seen, stream } = recorder();
    await ReadableStream.from([1]).pipeTo(stream, { preventClose: true });
    same(seen, [1]);
    await stream.getWriter().write(2);
    same(seen, [1, 2]);
});
test('pipeTo passes an error of the source on', async () => {
    const error = new Error('x');
    const { seen, stream } = recorder();
    await rejects(failing(error).pipeTo(stream), (caught) => caught === error);
    same(seen, [['abort', error]]);
});
test('pipeTo with preventAbort', async () => {
    const error = new Error('x');
    const { seen, stream } = recorder();
    await rejects(failing(error).pipeTo(stream, { preventAbort: true }), (caught) => caught === error);
    same(seen, []);
    await stream.close();
});
test('pipeTo passes an error of the target back', async () => {
    const error = new Error('x');
    let reason;
    const source = new ReadableStream({
        pull: (controller) => controller.enqueue('x'),
        cancel: (given) => void (reason = given),
    });
    await rejects(
        source.pipeTo(new WritableStream({ write: () => Promise.reject(error) })),
        (caught) => caught === error,
    );
    equal(reason, error);
});
test('pipeTo with preventCancel', async () => {
    const error = new Error('x');
    const source = new ReadableStream({ pull: (controller) => controller.enqueue('x') });
    const target = new WritableStream({ start: (controller) => controller.error(error) });
    await rejects(source.pipeTo(target, { preventCancel: true }), (caught) => caught === error);
    equal((await source.getReader().read()).value, 'x');
});
test('pipeTo a closed target', async () => {
    const target = new WritableStream();
    await target.close();
    let canceled = false;
    await rejects(new ReadableStream({ cancel: () => void (canceled = true) }).pipeTo(target), TypeError);
    equal(canceled, true);
});
test('pipeTo with a signal', async () => {
    const controller = new AbortController();
    const { seen, stream } = recorder();
    let reason;
    const source = new ReadableStream({ cancel: (given) => void (reason = given) });
    const piping = source.pipeTo(stream, { signal: controller.signal });
    await ticks();
    controller.abort('stop');
    await rejects(piping, (caught) => caught === 'stop');
    same([reason, seen], ['stop', [['abort', 'stop']]]);
});
test('pipeTo with a signal that aborted', async () => {
    const { stream } = recorder();
    await rejects(
        new ReadableStream().pipeTo(stream, { signal: AbortSignal.abort('stop') }),
        (caught) => caught === 'stop',
    );
});
test('pipeTo respects backpressure', async () => {
    let produced = 0;
    let release;
    const source = new ReadableStream(
        {
            pull(controller) {
                controller.enqueue(++produced);
            },
        },
        { highWaterMark: 0 },
    );
    const target = new WritableStream({
        write: () => (release ? undefined : new Promise((resolve) => (release = resolve))),
    });
    const controller = new AbortController();
    const piping = source.pipeTo(target, { signal: controller.signal });
    await ticks();
    await ticks();
    ok(produced <= 2);
    controller.abort('done');
    release();
    await rejects(piping, (caught) => caught === 'done');
});
test('pipeTo refuses locked streams and other targets', async () => {
    const locked = new ReadableStream();
    locked.getReader();
    await rejects(locked.pipeTo(new WritableStream()), TypeError);
    const target = new WritableStream();
    target.getWriter();
    await rejects(new ReadableStream().pipeTo(target), TypeError);
    await rejects(new ReadableStream().pipeTo({}), TypeError);
    await rejects(new ReadableStream().pipeTo(new WritableStream(), { signal: {} }), TypeError);
});

test('pipeThrough gives the readable side', async () => {
    const upper = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()) });
    const result = ReadableStream.from(['a', 'b']).pipeThrough(upper);
    equal(result, upper.readable);
    same(await collect(result), ['A', 'B']);
});
test('pipeThrough any pair of streams', async () => {
    const { readable, writable } = new TransformStream();
    same(await collect(ReadableStream.from([1]).pipeThrough({ readable, writable })), [1]);
    throws(() => ReadableStream.from([1]).pipeThrough({ readable }), TypeError);
    throws(() => ReadableStream.from([1]).pipeThrough(), TypeError);
});
test('pipeThrough several steps', async () => {
    const step = (change) =>
        new TransformStream({ transform: (chunk, controller) => controller.enqueue(change(chunk)) });
    const chunks = await collect(
        ReadableStream.from([1, 2, 3])
            .pipeThrough(step((n) => n + 1))
            .pipeThrough(step((n) => n * 10))
            .pipeThrough(step(String)),
    );
    same(chunks, ['20', '30', '40']);
});

test('TransformStream without a transformer passes chunks on', async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    void writer.write('a');
    void writer.close();
    same(await collect(readable), ['a']);
});
test('TransformStream start, transform and flush', async () => {
    const transform = new TransformStream({
        start: (controller) => controller.enqueue('start'),
        transform(chunk, controller) {
            controller.enqueue(chunk);
            controller.enqueue(chunk);
        },
        flush: (controller) => controller.enqueue('flush'),
    });
    same(await collect(ReadableStream.from(['x']).pipeThrough(transform)), ['start', 'x', 'x', 'flush']);
});
test('TransformStream that drops chunks', async () => {
    const even = new TransformStream({
        transform(chunk, controller) {
            if (chunk % 2 === 0) controller.enqueue(chunk);
        },
    });
    same(await collect(ReadableStream.from([1, 2, 3, 4]).pipeThrough(even)), [2, 4]);
});
test('TransformStream waits for an async transform', async () => {
    const slow = new TransformStream({
        async transform(chunk, controller) {
            await ticks();
            controller.enqueue(chunk);
        },
    });
    same(await collect(ReadableStream.from([1, 2]).pipeThrough(slow)), [1, 2]);
});
test('TransformStream has backpressure by default', async () => {
    const { writable } = new TransformStream();
    const writer = writable.getWriter();
    equal(writer.desiredSize, 1);
    let written = false;
    void writer.write('a').then(() => (written = true));
    await ticks();
    equal(written, false);
});
test('TransformStream whose transform throws errors both sides', async () => {
    const error = new Error('x');
    const { readable, writable } = new TransformStream({
        transform() {
            throw error;
        },
    });
    const reader = readable.getReader();
    const writer = writable.getWriter();
    const read = rejects(reader.read(), (caught) => caught === error);
    await rejects(writer.write(1), (caught) => caught === error);
    await read;
    await rejects(writer.closed, (caught) => caught === error);
});
test('TransformStream whose flush fails', async () => {
    const error = new Error('x');
    const { readable, writable } = new TransformStream({ flush: () => Promise.reject(error) });
    const read = rejects(readable.getReader().read(), (caught) => caught === error);
    await rejects(writable.getWriter().close(), (caught) => caught === error);
    await read;
});
test('TransformStream controller.error', async () => {
    const { readable, writable } = new TransformStream({ start: (controller) => controller.error('e') });
    await rejects(readable.getReader().read(), (reason) => reason === 'e');
    await rejects(writable.getWriter().write(1), (reason) => reason === 'e');
});
test('TransformStream controller.terminate', async () => {
    const first = new TransformStream({
        transform(chunk, controller) {
            controller.enqueue(chunk);
            controller.terminate();
        },
    });
    const writer = first.writable.getWriter();
    const closed = rejects(writer.closed, TypeError);
    void writer.write(1).catch(() => {});
    same(await collect(first.readable), [1]);
    await closed;
});
test('TransformStream readable canceled errors the writable', async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    await readable.cancel('r');
    await rejects(writer.write(1), (reason) => reason === 'r');
});
test('TransformStream writable aborted errors the readable', async () => {
    const { readable, writable } = new TransformStream();
    await writable.abort('r');
    await rejects(readable.getReader().read(), (reason) => reason === 'r');
});
testExceptNode('Node 20 has no cancel', 'TransformStream calls cancel once', async () => {
    const reasons = [];
    const one = new TransformStream({ cancel: (reason) => void reasons.push(reason) });
    await one.readable.cancel('c');
    const two = new TransformStream({ cancel: (reason) => void reasons.push(reason) });
    await two.writable.abort('a');
    same(reasons, ['c', 'a']);
});
test('TransformStream checks its transformer', () => {
    throws(() => new TransformStream({ transform: 1 }), TypeError);
    throws(() => new TransformStream({ readableType: 'bytes' }), RangeError);
    throws(() => new TransformStream({ writableType: 'bytes' }), RangeError);
    throws(
        () =>
            new TransformStream({
                start() {
                    throw new SyntaxError('x');
                },
            }),
        SyntaxError,
    );
});
test('TransformStream controller desiredSize and late enqueue', () => {
    let controller;
    new TransformStream({ start: (given) => void (controller = given) }, {}, { highWaterMark: 3 });
    equal(controller.desiredSize, 3);
    controller.enqueue('a');
    equal(controller.desiredSize, 2);
    controller.terminate();
    throws(() => controller.enqueue('b'), TypeError);
});

test('TextEncoderStream', async () => {
    const stream = new TextEncoderStream();
    equal(stream.encoding, 'utf-8');
    const chunks = await collect(ReadableStream.from(['a', '', 'é']).pipeThrough(stream));
    ok(chunks.every((chunk) => chunk instanceof Uint8Array));
    same(
        chunks.flatMap((chunk) => [...chunk]),
        [0x61, 0xc3, 0xa9],
    );
});
test('TextEncoderStream joins surrogates of two chunks', async () => {
    const chunks = await collect(
        ReadableStream.from(['a\ud83d', '\ude00b', '\ud83d', 'x', '\ud83d']).pipeThrough(new TextEncoderStream()),
    );
    const text = new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
    equal(text, 'a😀b\ufffdx\ufffd');
});
test('TextDecoderStream', async () => {
    const source = [[0x61, 0xe2], [0x82], [0xac, 0x62], [0xc3]].map((values) => new Uint8Array(values));
    const stream = new TextDecoderStream();
    same([stream.encoding, stream.fatal, stream.ignoreBOM], ['utf-8', false, false]);
    equal((await collect(ReadableStream.from(source).pipeThrough(stream))).join(''), 'a€b\ufffd');
});
test('TextDecoderStream fatal', async () => {
    const source = ReadableStream.from([new Uint8Array([0xff])]);
    await rejects(collect(source.pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))), TypeError);
});
test('TextDecoderStream refuses other chunks', async () => {
    await rejects(collect(ReadableStream.from(['text']).pipeThrough(new TextDecoderStream())), TypeError);
});
