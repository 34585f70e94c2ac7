// Streams Standard 4: ReadableStream with its default reader and controller, tee, from, async iteration.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

const ticks = () => new Promise((resolve) => setTimeout(resolve, 0));

function streamOf(...chunks) {
    return new ReadableStream({
        start(controller) {
            for (const chunk of chunks) controller.enqueue(chunk);
            controller.close();
        },
    });
}

async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

test('ReadableStream gives its chunks in order', async () => {
    const reader = streamOf('a', 'b').getReader();
    same(await reader.read(), { value: 'a', done: false });
    same(await reader.read(), { value: 'b', done: false });
    same(await reader.read(), { value: undefined, done: true });
    same(await reader.read(), { value: undefined, done: true });
    await reader.closed;
});
test('ReadableStream without a source', () => {
    const stream = new ReadableStream();
    equal(stream.locked, false);
    equal(Object.prototype.toString.call(stream), '[object ReadableStream]');
});
test('ReadableStream checks its source', () => {
    throws(() => new ReadableStream(null), TypeError);
    throws(() => new ReadableStream({ type: 'x' }), TypeError);
    throws(() => new ReadableStream({ pull: 1 }), TypeError);
    throws(() => new ReadableStream({ start: 'x' }), TypeError);
});
test('ReadableStream checks its strategy', () => {
    throws(() => new ReadableStream({}, { highWaterMark: -1 }), RangeError);
    throws(() => new ReadableStream({}, { highWaterMark: NaN }), RangeError);
    throws(() => new ReadableStream({}, { size: 1 }), TypeError);
});
test('ReadableStream start may throw', () => {
    const error = new Error('x');
    throws(
        () =>
            new ReadableStream({
                start() {
                    throw error;
                },
            }),
        (caught) => caught === error,
    );
});
test('ReadableStream start may reject', async () => {
    const error = new Error('x');
    const reader = new ReadableStream({ start: () => Promise.reject(error) }).getReader();
    await rejects(reader.read(), (caught) => caught === error);
    await rejects(reader.closed, (caught) => caught === error);
});
test('ReadableStream methods of the source have it as this', async () => {
    const seen = [];
    const source = {
        start() {
            seen.push(['start', this === source]);
        },
        pull(controller) {
            seen.push(['pull', this === source]);
            controller.enqueue(1);
        },
        cancel(reason) {
            seen.push(['cancel', this === source, reason]);
        },
    };
    const reader = new ReadableStream(source, { highWaterMark: 0 }).getReader();
    await reader.read();
    await reader.cancel('r');
    same(seen, [
        ['start', true],
        ['pull', true],
        ['cancel', true, 'r'],
    ]);
});
test('ReadableStream pulls up to its high water mark', async () => {
    let pulls = 0;
    const stream = new ReadableStream(
        {
            pull(controller) {
                controller.enqueue(++pulls);
            },
        },
        { highWaterMark: 3 },
    );
    await ticks();
    equal(pulls, 3);
    const reader = stream.getReader();
    equal((await reader.read()).value, 1);
    await ticks();
    equal(pulls, 4);
});
test('ReadableStream with a mark of 0 pulls when it is read', async () => {
    let pulls = 0;
    const stream = new ReadableStream(
        {
            pull(controller) {
                controller.enqueue(++pulls);
            },
        },
        { highWaterMark: 0 },
    );
    await ticks();
    equal(pulls, 0);
    equal((await stream.getReader().read()).value, 1);
});
test('ReadableStream waits for a pull before the next', async () => {
    let running = 0;
    const stream = new ReadableStream({
        async pull(controller) {
            equal(++running, 1);
            await ticks();
            running--;
            controller.enqueue('x');
        },
    });
    const reader = stream.getReader();
    same(
        (await Promise.all([reader.read(), reader.read(), reader.read()])).map(({ value }) => value),
        ['x', 'x', 'x'],
    );
    await reader.cancel();
});
test('ReadableStream pull that fails errors the stream', async () => {
    const error = new Error('x');
    const reader = new ReadableStream({ pull: () => Promise.reject(error) }).getReader();
    await rejects(reader.read(), (caught) => caught === error);
});
test('ReadableStream counts chunks by size', () => {
    let controller;
    new ReadableStream(
        { start: (given) => void (controller = given) },
        { highWaterMark: 10, size: (chunk) => chunk.length },
    );
    equal(controller.desiredSize, 10);
    controller.enqueue('abcd');
    equal(controller.desiredSize, 6);
    controller.enqueue('abcdefgh');
    equal(controller.desiredSize, -2);
});
test('ReadableStream size that is wrong errors the stream', async () => {
    for (const size of [NaN, -1, Infinity]) {
        let controller;
        const stream = new ReadableStream({ start: (given) => void (controller = given) }, { size: () => size });
        throws(() => controller.enqueue('x'), RangeError);
        await rejects(stream.getReader().read(), RangeError);
    }
});
test('ReadableStream controller after close', () => {
    let controller;
    new ReadableStream({ start: (given) => void (controller = given) });
    controller.close();
    throws(() => controller.close(), TypeError);
    throws(() => controller.enqueue(1), TypeError);
    equal(controller.desiredSize, 0);
    controller.error(new Error('ignored'));
});
test('ReadableStream controller after error', async () => {
    let controller;
    const stream = new ReadableStream({ start: (given) => void (controller = given) });
    controller.enqueue('lost');
    controller.error('why');
    controller.error('again');
    equal(controller.desiredSize, null);
    throws(() => controller.enqueue(1), TypeError);
    throws(() => controller.close(), TypeError);
    await rejects(stream.getReader().read(), (reason) => reason === 'why');
});
test('ReadableStream close waits for its chunks', async () => {
    let controller;
    const stream = new ReadableStream({ start: (given) => void (controller = given) });
    controller.enqueue(1);
    controller.close();
    equal(controller.desiredSize, 0 + 1 - 1);
    same(await collect(stream), [1]);
});
test('a reader locks its stream', async () => {
    const stream = streamOf(1);
    const reader = stream.getReader();
    equal(stream.locked, true);
    throws(() => stream.getReader(), TypeError);
    throws(() => new ReadableStreamDefaultReader(stream), TypeError);
    throws(() => stream.tee(), TypeError);
    await rejects(stream.cancel(), TypeError);
    reader.releaseLock();
    equal(stream.locked, false);
    equal((await stream.getReader().read()).value, 1);
});
test('a released reader reads no more', async () => {
    const reader = streamOf(1).getReader();
    const { closed } = reader;
    reader.releaseLock();
    reader.releaseLock();
    await rejects(reader.read(), TypeError);
    await rejects(reader.cancel(), TypeError);
    await rejects(reader.closed, TypeError);
    await rejects(closed, TypeError);
});
test('releasing a reader refuses its pending reads', async () => {
    const reader = new ReadableStream().getReader();
    const read = reader.read();
    reader.releaseLock();
    await rejects(read, TypeError);
});
test('a reader needs a stream', () => {
    throws(() => new ReadableStreamDefaultReader(), TypeError);
    throws(() => new ReadableStreamDefaultReader({}), TypeError);
});
test('getReader refuses other modes', () => throws(() => streamOf().getReader({ mode: 'x' }), TypeError));
test('getReader for bytes needs a byte stream', () => throws(() => streamOf().getReader({ mode: 'byob' }), TypeError));

test('cancel closes and tells the source', async () => {
    let reason;
    const stream = new ReadableStream({ cancel: (given) => void (reason = given) });
    await stream.cancel('r');
    equal(reason, 'r');
    same(await stream.getReader().read(), { value: undefined, done: true });
});
test('cancel throws the queue away', async () => {
    const stream = streamOf(1, 2);
    await stream.cancel();
    same(await collect(stream), []);
});
test('cancel that fails', async () => {
    const error = new Error('x');
    const stream = new ReadableStream({ cancel: () => Promise.reject(error) });
    await rejects(stream.cancel(), (caught) => caught === error);
});
test('cancel of a closed and of an errored stream', async () => {
    equal(await streamOf().cancel(), undefined);
    const error = new Error('x');
    await rejects(
        new ReadableStream({ start: (controller) => controller.error(error) }).cancel(),
        (caught) => caught === error,
    );
});
test('cancel ends pending reads', async () => {
    const reader = new ReadableStream().getReader();
    const read = reader.read();
    await reader.cancel();
    same(await read, { value: undefined, done: true });
});

test('iteration releases the lock at the end', async () => {
    const stream = streamOf(1, 2, 3);
    same(await collect(stream), [1, 2, 3]);
    equal(stream.locked, false);
});
test('iteration that breaks cancels', async () => {
    let canceled = false;
    const stream = new ReadableStream({
        pull: (controller) => controller.enqueue('x'),
        cancel: () => void (canceled = true),
    });
    for await (const chunk of stream) {
        equal(chunk, 'x');
        break;
    }
    equal(canceled, true);
    equal(stream.locked, false);
});
test('iteration with preventCancel only lets go', async () => {
    const stream = streamOf(1, 2, 3);
    for await (const chunk of stream.values({ preventCancel: true })) {
        equal(chunk, 1);
        break;
    }
    same(await collect(stream), [2, 3]);
});
test('iteration throws what errors the stream', async () => {
    const error = new Error('x');
    const stream = new ReadableStream({ pull: (controller) => controller.error(error) });
    await rejects(collect(stream), (caught) => caught === error);
    equal(stream.locked, false);
});
test('iteration answers calls of next in order', async () => {
    const iterator = streamOf(1, 2)[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.return('v')]);
    same(results, [
        { value: 1, done: false },
        { value: 2, done: false },
        { value: undefined, done: true },
        { value: 'v', done: true },
    ]);
});
test('values is the iterator of the stream', () => {
    equal(ReadableStream.prototype[Symbol.asyncIterator], ReadableStream.prototype.values);
});

test('tee gives both branches all chunks', async () => {
    const stream = streamOf(1, 2, 3);
    const [left, right] = stream.tee();
    equal(stream.locked, true);
    same(await Promise.all([collect(left), collect(right)]), [
        [1, 2, 3],
        [1, 2, 3],
    ]);
});
test('tee shares the chunks themselves', async () => {
    const chunk = {};
    const [left, right] = streamOf(chunk).tee();
    equal((await left.getReader().read()).value, chunk);
    equal((await right.getReader().read()).value, chunk);
});
test('tee passes errors on', async () => {
    const error = new Error('x');
    const [left, right] = new ReadableStream({ pull: () => Promise.reject(error) }).tee();
    await rejects(left.getReader().read(), (caught) => caught === error);
    await rejects(right.getReader().read(), (caught) => caught === error);
});
test('tee cancels the source when both branches are canceled', async () => {
    let reason;
    const [left, right] = new ReadableStream({ cancel: (given) => void (reason = given) }).tee();
    const first = left.cancel('l');
    await ticks();
    equal(reason, undefined);
    await Promise.all([first, right.cancel('r')]);
    same(reason, ['l', 'r']);
});
test('tee goes on in one branch when the other is canceled', async () => {
    const [left, right] = streamOf(1, 2).tee();
    void left.cancel();
    same(await collect(right), [1, 2]);
});
test('tee reads only what a branch asks for', async () => {
    let pulls = 0;
    const source = {
        pull(controller) {
            controller.enqueue(++pulls);
        },
    };
    const [left] = new ReadableStream(source, { highWaterMark: 0 }).tee();
    await ticks();
    equal(pulls, 1);
    const reader = left.getReader();
    await reader.read();
    await ticks();
    equal(pulls, 2);
});

test('ReadableStream.from an array and other iterables', async () => {
    same(await collect(ReadableStream.from([1, 2])), [1, 2]);
    same(await collect(ReadableStream.from(new Set(['a']))), ['a']);
    same(await collect(ReadableStream.from([Promise.resolve(3)])), [3]);
});
test('ReadableStream.from a generator', async () => {
    async function* numbers() {
        yield 1;
        await ticks();
        yield 2;
    }
    same(await collect(ReadableStream.from(numbers())), [1, 2]);
});
test('ReadableStream.from calls return when it is canceled', async () => {
    let ended = false;
    async function* numbers() {
        try {
            for (;;) yield 1;
        } finally {
            ended = true;
        }
    }
    const reader = ReadableStream.from(numbers()).getReader();
    await reader.read();
    await reader.cancel();
    equal(ended, true);
});
test('ReadableStream.from passes errors on', async () => {
    const error = new Error('x');
    async function* numbers() {
        throw error;
    }
    await rejects(collect(ReadableStream.from(numbers())), (caught) => caught === error);
});
test('ReadableStream.from refuses what is not iterable', () => {
    throws(() => ReadableStream.from({}), TypeError);
    throws(() => ReadableStream.from(null), TypeError);
});
test('ReadableStream with a hundred thousand chunks', async () => {
    let count = 0;
    const stream = new ReadableStream({
        start(controller) {
            for (let index = 0; index < 100000; index++) controller.enqueue(index);
            controller.close();
        },
    });
    for await (const chunk of stream) count += chunk >= 0 ? 1 : 0;
    equal(count, 100000);
});
test('queuing strategies', () => {
    const count = new CountQueuingStrategy({ highWaterMark: 4 });
    same([count.highWaterMark, count.size({}), count.size.length, count.size.name], [4, 1, 0, 'size']);
    const bytes = new ByteLengthQueuingStrategy({ highWaterMark: 1024 });
    same([bytes.highWaterMark, bytes.size(new Uint8Array(7))], [1024, 7]);
    equal(new CountQueuingStrategy({ highWaterMark: 1 }).size, count.size);
    throws(() => new CountQueuingStrategy(), TypeError);
    throws(() => new CountQueuingStrategy({}), TypeError);
    throws(() => new ByteLengthQueuingStrategy(5), TypeError);
});
testExceptNode('Node 20 lets them be', 'controllers cannot be constructed', () => {
    throws(() => new ReadableStreamDefaultController(), TypeError);
    throws(() => new ReadableByteStreamController(), TypeError);
    throws(() => new ReadableStreamBYOBRequest(), TypeError);
});
test('methods on foreign objects reject or throw', async () => {
    await rejects(ReadableStream.prototype.cancel.call({}), TypeError);
    throws(() => ReadableStream.prototype.getReader.call({}), TypeError);
    await rejects(ReadableStreamDefaultReader.prototype.read.call({}), TypeError);
    ok(true);
});
