// Streams Standard 5: WritableStream with its writer and controller.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const ticks = () => new Promise((resolve) => setTimeout(resolve, 0));

test('WritableStream writes chunks in order, one at a time', async () => {
    const seen = [];
    const stream = new WritableStream({
        start: () => void seen.push('start'),
        async write(chunk) {
            seen.push(`begin ${chunk}`);
            await ticks();
            seen.push(`end ${chunk}`);
        },
        close: () => void seen.push('close'),
    });
    const writer = stream.getWriter();
    const writes = [writer.write(1), writer.write(2)];
    await writer.close();
    await Promise.all(writes);
    same(seen, ['start', 'begin 1', 'end 1', 'begin 2', 'end 2', 'close']);
});
test('WritableStream without a sink', async () => {
    const writer = new WritableStream().getWriter();
    equal(await writer.write('x'), undefined);
    equal(await writer.close(), undefined);
    equal(await writer.closed, undefined);
});
test('WritableStream checks its sink', () => {
    throws(() => new WritableStream(null), TypeError);
    throws(() => new WritableStream({ write: 1 }), TypeError);
    throws(() => new WritableStream({ type: 'bytes' }), RangeError);
    throws(() => new WritableStream({}, { highWaterMark: -1 }), RangeError);
});
test('WritableStream methods of the sink have it as this', async () => {
    const seen = [];
    const sink = {
        start(controller) {
            seen.push(this === sink, controller instanceof WritableStreamDefaultController);
        },
        write(chunk, controller) {
            seen.push(this === sink, controller instanceof WritableStreamDefaultController);
        },
        close() {
            seen.push(this === sink);
        },
    };
    const writer = new WritableStream(sink).getWriter();
    await writer.write(1);
    await writer.close();
    same(seen, [true, true, true, true, true]);
});
test('WritableStream start may throw or reject', async () => {
    const error = new Error('x');
    throws(
        () =>
            new WritableStream({
                start() {
                    throw error;
                },
            }),
        (caught) => caught === error,
    );
    const writer = new WritableStream({ start: () => Promise.reject(error) }).getWriter();
    await rejects(writer.write(1), (caught) => caught === error);
    await rejects(writer.closed, (caught) => caught === error);
});
test('a writer locks its stream', async () => {
    const stream = new WritableStream();
    const writer = stream.getWriter();
    equal(stream.locked, true);
    throws(() => stream.getWriter(), TypeError);
    await rejects(stream.close(), TypeError);
    await rejects(stream.abort(), TypeError);
    writer.releaseLock();
    equal(stream.locked, false);
    await stream.getWriter().write(1);
});
test('a released writer writes no more', async () => {
    const writer = new WritableStream().getWriter();
    writer.releaseLock();
    writer.releaseLock();
    await rejects(writer.write(1), TypeError);
    await rejects(writer.close(), TypeError);
    await rejects(writer.abort(), TypeError);
    await rejects(writer.closed, TypeError);
    await rejects(writer.ready, TypeError);
    throws(() => writer.desiredSize, TypeError);
});
test('backpressure shows in ready and desiredSize', async () => {
    let release;
    const stream = new WritableStream(
        { write: () => new Promise((resolve) => (release = resolve)) },
        { highWaterMark: 2 },
    );
    const writer = stream.getWriter();
    equal(writer.desiredSize, 2);
    await writer.ready;
    const first = writer.write(1);
    equal(writer.desiredSize, 1);
    const second = writer.write(2);
    equal(writer.desiredSize, 0);
    let ready = false;
    void writer.ready.then(() => (ready = true));
    await ticks();
    equal(ready, false);
    release();
    await first;
    await writer.ready;
    equal(writer.desiredSize, 1);
    release();
    await second;
});
test('a strategy counts chunks', () => {
    const writer = new WritableStream({}, { highWaterMark: 10, size: (chunk) => chunk.length }).getWriter();
    void writer.write('abc');
    equal(writer.desiredSize, 7);
});
test('a size that throws errors the stream', async () => {
    const error = new Error('x');
    const writer = new WritableStream(
        {},
        {
            size() {
                throw error;
            },
        },
    ).getWriter();
    await rejects(writer.write('a'), (caught) => caught === error);
    await rejects(writer.closed, (caught) => caught === error);
});
test('a write that fails errors the stream', async () => {
    const error = new Error('x');
    const writer = new WritableStream({ write: () => Promise.reject(error) }).getWriter();
    await rejects(writer.write(1), (caught) => caught === error);
    await rejects(writer.write(2), (caught) => caught === error);
    await rejects(writer.closed, (caught) => caught === error);
    equal(writer.desiredSize, null);
});
test('a failed write takes the waiting ones along', async () => {
    const error = new Error('x');
    const writer = new WritableStream({
        write() {
            throw error;
        },
    }).getWriter();
    const results = await Promise.allSettled([writer.write(1), writer.write(2), writer.close()]);
    same(
        results.map(({ reason }) => reason === error),
        [true, true, true],
    );
});
test('controller.error', async () => {
    let controller;
    const stream = new WritableStream({ start: (given) => void (controller = given) });
    const writer = stream.getWriter();
    controller.error('why');
    await rejects(writer.write(1), (reason) => reason === 'why');
    await rejects(writer.closed, (reason) => reason === 'why');
    controller.error('again');
});
test('close is final', async () => {
    const writer = new WritableStream().getWriter();
    await writer.close();
    await writer.closed;
    equal(writer.desiredSize, 0);
    await rejects(writer.close(), TypeError);
});
test('a write after close is refused', async () => {
    const writer = new WritableStream().getWriter();
    void writer.close();
    await rejects(writer.write(1), TypeError);
});
test('close twice', async () => {
    const writer = new WritableStream().getWriter();
    const first = writer.close();
    await rejects(writer.close(), TypeError);
    await first;
});
test('close that fails', async () => {
    const error = new Error('x');
    const writer = new WritableStream({ close: () => Promise.reject(error) }).getWriter();
    await rejects(writer.close(), (caught) => caught === error);
    await rejects(writer.closed, (caught) => caught === error);
});
test('WritableStream.close without a writer', async () => {
    let closed = false;
    await new WritableStream({ close: () => void (closed = true) }).close();
    equal(closed, true);
});
test('abort tells the sink and errors the stream', async () => {
    let reason;
    const writer = new WritableStream({ abort: (given) => void (reason = given) }).getWriter();
    await writer.abort('r');
    equal(reason, 'r');
    await rejects(writer.write(1), (caught) => caught === 'r');
    await rejects(writer.closed, (caught) => caught === 'r');
});
test('abort waits for the write in flight and drops the others', async () => {
    let release;
    const seen = [];
    const stream = new WritableStream({
        write(chunk) {
            seen.push(chunk);
            return new Promise((resolve) => (release = resolve));
        },
        abort: () => void seen.push('abort'),
    });
    const writer = stream.getWriter();
    await writer.ready;
    const first = writer.write(1);
    const second = writer.write(2);
    const refused = rejects(second, (caught) => caught === 'r');
    await ticks();
    const aborted = writer.abort('r');
    same(seen, [1]);
    release();
    await first;
    await refused;
    await aborted;
    same(seen, [1, 'abort']);
});
test('abort shows in the signal of the controller', async () => {
    let controller;
    const stream = new WritableStream({ start: (given) => void (controller = given) });
    ok(controller.signal instanceof AbortSignal);
    equal(controller.signal.aborted, false);
    void stream.abort('r');
    same([controller.signal.aborted, controller.signal.reason], [true, 'r']);
});
test('abort of a closed or errored stream does nothing', async () => {
    const closed = new WritableStream();
    await closed.close();
    equal(await closed.abort('x'), undefined);
    const errored = new WritableStream({ start: (controller) => controller.error('e') });
    await ticks();
    equal(await errored.abort('x'), undefined);
});
test('abort that fails', async () => {
    const error = new Error('x');
    const stream = new WritableStream({ abort: () => Promise.reject(error) });
    await rejects(stream.abort(), (caught) => caught === error);
});
test('WritableStream classes have their class strings', () => {
    const stream = new WritableStream();
    equal(Object.prototype.toString.call(stream), '[object WritableStream]');
    equal(Object.prototype.toString.call(stream.getWriter()), '[object WritableStreamDefaultWriter]');
});
