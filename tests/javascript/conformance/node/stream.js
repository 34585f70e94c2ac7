// stream: reading, writing, transforming, pipelines, errors.
const assert = require('assert');
const stream = require('stream');
const { Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished } = stream;
const promises = require('stream/promises');

const tick = () => new Promise((resolve) => setImmediate(resolve));
const collect = async (source) => {
    const out = [];
    for await (const chunk of source) out.push(chunk);
    return out;
};
function sink(options = {}) {
    const out = [];
    const writable = new Writable({
        ...options,
        write(chunk, encoding, callback) {
            out.push(chunk);
            callback();
        },
    });
    return Object.assign(writable, { out });
}

test('the module is the old Stream class', () => {
    assert.strictEqual(stream.Stream, stream);
    assert(new Readable() instanceof stream);
    assert(new Readable() instanceof require('events'));
    assert(new Duplex() instanceof Readable);
    assert(new Duplex() instanceof Writable);
    assert(new Transform() instanceof Duplex);
    assert(!(new Readable() instanceof Writable));
});
test('push and data events', async () => {
    const readable = new Readable({ read() {} });
    const seen = [];
    readable.on('data', (chunk) => seen.push(chunk.toString()));
    readable.push('a');
    readable.push(Buffer.from('b'));
    readable.push(new Uint8Array([99]));
    readable.push(null);
    await new Promise((resolve) => readable.on('end', resolve));
    assert.deepStrictEqual(seen, ['a', 'b', 'c']);
});
test('readable events and read(n)', async () => {
    const readable = Readable.from(['hello world'].map(Buffer.from), { objectMode: false });
    const seen = [];
    readable.on('readable', () => {
        let chunk;
        while ((chunk = readable.read(4)) !== null) seen.push(chunk.toString());
    });
    await new Promise((resolve) => readable.on('end', resolve));
    assert.deepStrictEqual(seen, ['hell', 'o wo', 'rld']);
});
test('async iteration', async () => {
    assert.deepStrictEqual(await collect(Readable.from([1, 2, 3])), [1, 2, 3]);
    assert.deepStrictEqual(await collect(Readable.from('text')), ['text']);
    async function* numbers() {
        yield 1;
        await tick();
        yield 2;
    }
    assert.deepStrictEqual(await collect(Readable.from(numbers())), [1, 2]);
});
test('leaving the loop destroys the stream', async () => {
    const readable = Readable.from([1, 2, 3]);
    for await (const chunk of readable) {
        if (chunk === 2) break;
    }
    await tick();
    assert.strictEqual(readable.destroyed, true);
});
test('an iterator that fails', async () => {
    async function* broken() {
        yield 1;
        throw new Error('boo');
    }
    await assert.rejects(collect(Readable.from(broken())), /boo/);
});
test('setEncoding puts characters together', async () => {
    const bytes = Buffer.from('a€b');
    const readable = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)], { objectMode: false });
    readable.setEncoding('utf8');
    assert.strictEqual((await collect(readable)).join(''), 'a€b');
});
test('pause and resume', async () => {
    const readable = new Readable({ read() {} });
    const seen = [];
    readable.on('data', (chunk) => seen.push(String(chunk)));
    readable.pause();
    readable.push('a');
    await tick();
    assert.deepStrictEqual(seen, []);
    assert.strictEqual(readable.isPaused(), true);
    readable.resume();
    await tick();
    assert.deepStrictEqual(seen, ['a']);
});
test('push says when there is enough', () => {
    const readable = new Readable({ highWaterMark: 3, read() {} });
    assert.strictEqual(readable.push('ab'), true);
    assert.strictEqual(readable.push('c'), false);
    assert.strictEqual(readable.readableLength, 3);
});
test('unshift', async () => {
    const readable = new Readable({ read() {} });
    readable.push('b');
    readable.unshift('a');
    readable.push(null);
    assert.strictEqual(Buffer.concat(await collect(readable)).toString(), 'ab');
});
test('object mode', async () => {
    const readable = new Readable({ objectMode: true, read() {} });
    readable.push({ a: 1 });
    readable.push('');
    readable.push(0);
    readable.push(null);
    assert.deepStrictEqual(await collect(readable), [{ a: 1 }, '', 0]);
});
test('push after the end', async () => {
    const readable = new Readable({ read() {} });
    readable.push(null);
    readable.push('x');
    const error = await new Promise((resolve) => readable.on('error', resolve));
    assert.strictEqual(error.code, 'ERR_STREAM_PUSH_AFTER_EOF');
});
test('a stream without read', async () => {
    const readable = new Readable();
    readable.resume();
    const error = await new Promise((resolve) => readable.on('error', resolve));
    assert.strictEqual(error.code, 'ERR_METHOD_NOT_IMPLEMENTED');
});
test('write, end and finish', async () => {
    const writable = sink();
    writable.write('a');
    writable.write(Buffer.from('b'));
    writable.end('c');
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.strictEqual(Buffer.concat(writable.out).toString(), 'abc');
    assert.strictEqual(writable.writableFinished, true);
    assert.strictEqual(writable.writable, false);
});
test('write callbacks come in order and not at once', async () => {
    const seen = [];
    const writable = sink();
    writable.write('a', () => seen.push('a'));
    writable.write('b', () => seen.push('b'));
    seen.push('sync');
    writable.end(() => seen.push('end'));
    await new Promise((resolve) => writable.on('close', resolve));
    assert.deepStrictEqual(seen, ['sync', 'a', 'b', 'end']);
});
test('backpressure and drain', async () => {
    const waiting = [];
    const writable = new Writable({
        highWaterMark: 3,
        write(chunk, encoding, callback) {
            waiting.push(callback);
        },
    });
    assert.strictEqual(writable.write('ab'), true);
    assert.strictEqual(writable.write('c'), false);
    assert.strictEqual(writable.writableNeedDrain, true);
    let drained = false;
    writable.on('drain', () => {
        drained = true;
    });
    waiting.shift()();
    await tick();
    assert.strictEqual(drained, false);
    waiting.shift()();
    await tick();
    assert.strictEqual(drained, true);
});
test('cork, uncork and writev', async () => {
    const batches = [];
    const writable = new Writable({
        writev(chunks, callback) {
            batches.push(chunks.map(({ chunk }) => String(chunk)));
            callback();
        },
    });
    writable.cork();
    writable.write('a');
    writable.write('b');
    assert.strictEqual(batches.length, 0);
    writable.uncork();
    writable.end();
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.deepStrictEqual(batches, [['a', 'b']]);
});
test('decodeStrings', async () => {
    const seen = [];
    const writable = new Writable({
        decodeStrings: false,
        write(chunk, encoding, callback) {
            seen.push(chunk, encoding);
            callback();
        },
    });
    writable.end('é', 'utf8');
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.deepStrictEqual(seen, ['é', 'utf8']);
});
test('what cannot be written', () => {
    const writable = sink();
    writable.on('error', () => {});
    assert.throws(() => writable.write(null), { code: 'ERR_STREAM_NULL_VALUES' });
    assert.throws(() => writable.write(5), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => writable.write('x', 'nope'), { code: 'ERR_UNKNOWN_ENCODING' });
});
test('write after end', async () => {
    const writable = sink();
    writable.end();
    const error = await new Promise((resolve) => {
        writable.on('error', resolve);
        writable.write('x');
    });
    assert.strictEqual(error.code, 'ERR_STREAM_WRITE_AFTER_END');
});
test('a write that fails', async () => {
    const writable = new Writable({
        write(chunk, encoding, callback) {
            callback(new Error('disk'));
        },
    });
    const seen = [];
    writable.on('error', (error) => seen.push(error.message));
    writable.write('x', (error) => seen.push(`callback ${error.message}`));
    await new Promise((resolve) => writable.on('close', resolve));
    assert.deepStrictEqual(seen, ['callback disk', 'disk']);
    assert.strictEqual(writable.destroyed, true);
    assert.strictEqual(writable.errored.message, 'disk');
});
test('final', async () => {
    const seen = [];
    const writable = new Writable({
        write(chunk, encoding, callback) {
            callback();
        },
        final(callback) {
            setTimeout(() => {
                seen.push('final');
                callback();
            }, 1);
        },
    });
    writable.on('finish', () => seen.push('finish'));
    writable.end();
    await new Promise((resolve) => writable.on('close', resolve));
    assert.deepStrictEqual(seen, ['final', 'finish']);
});
test('destroy emits error and close once', async () => {
    const seen = [];
    const readable = new Readable({
        read() {},
        destroy(error, callback) {
            seen.push('destroy');
            callback(error);
        },
    });
    readable.on('error', (error) => seen.push(error.message)).on('close', () => seen.push('close'));
    readable.destroy(new Error('boo'));
    readable.destroy(new Error('again'));
    await tick();
    assert.deepStrictEqual(seen, ['destroy', 'boo', 'close']);
    assert.strictEqual(readable.closed, true);
});
test('construct comes first', async () => {
    const seen = [];
    const duplex = new Duplex({
        construct(callback) {
            setTimeout(() => {
                seen.push('construct');
                callback();
            }, 1);
        },
        read() {
            seen.push('read');
            this.push(null);
        },
        write(chunk, encoding, callback) {
            seen.push('write');
            callback();
        },
    });
    duplex.end('x');
    duplex.resume();
    await new Promise((resolve) => duplex.on('close', resolve));
    assert.strictEqual(seen[0], 'construct');
    assert.deepStrictEqual(seen.slice(1).sort(), ['read', 'write']);
});
test('pipe', async () => {
    const writable = sink({ highWaterMark: 2 });
    Readable.from(['ab', 'cd', 'ef'].map(Buffer.from), { objectMode: false }).pipe(writable);
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.strictEqual(Buffer.concat(writable.out).toString(), 'abcdef');
});
test('pipe waits for a slow target', async () => {
    const seen = [];
    const writable = new Writable({
        highWaterMark: 1,
        write(chunk, encoding, callback) {
            seen.push(String(chunk));
            setTimeout(callback, 1);
        },
    });
    Readable.from(['a', 'b', 'c'], { objectMode: false }).pipe(writable);
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.deepStrictEqual(seen, ['a', 'b', 'c']);
});
test('pipe with end: false and unpipe', async () => {
    const writable = sink();
    const readable = Readable.from(['a'], { objectMode: false });
    readable.pipe(writable, { end: false });
    await new Promise((resolve) => readable.on('end', resolve));
    await tick();
    assert.strictEqual(writable.writableEnded, false);
    const other = new PassThrough();
    const unpiped = new Promise((resolve) => writable.on('unpipe', resolve));
    other.pipe(writable);
    other.unpipe(writable);
    assert.strictEqual(await unpiped, other);
});
test('Transform', async () => {
    const upper = new Transform({
        transform(chunk, encoding, callback) {
            callback(null, String(chunk).toUpperCase());
        },
        flush(callback) {
            this.push('!');
            callback();
        },
    });
    upper.write('ab');
    upper.end('cd');
    assert.strictEqual(Buffer.concat(await collect(upper)).toString(), 'ABCD!');
});
test('Transform in object mode gives several', async () => {
    const twice = new Transform({
        objectMode: true,
        transform(item, encoding, callback) {
            this.push(item);
            this.push(item * 10);
            callback();
        },
    });
    assert.deepStrictEqual(await collect(Readable.from([1, 2]).pipe(twice)), [1, 10, 2, 20]);
});
test('a Transform that fails', async () => {
    const broken = new Transform({
        transform(chunk, encoding, callback) {
            callback(new Error('boo'));
        },
    });
    broken.on('error', () => {});
    broken.end('x');
    await assert.rejects(collect(broken), /boo/);
});
test('subclasses with classes and with functions', async () => {
    class Own extends Transform {
        _transform(chunk, encoding, callback) {
            callback(null, `<${chunk}>`);
        }
    }
    function Old(options) {
        Transform.call(this, options);
    }
    require('util').inherits(Old, Transform);
    Old.prototype._transform = Own.prototype._transform;
    for (const transform of [new Own(), new Old()]) {
        transform.end('x');
        assert.strictEqual(Buffer.concat(await collect(transform)).toString(), '<x>');
    }
});
test('calls without new', () => {
    assert(Readable({ read() {} }) instanceof Readable);
    assert(Writable() instanceof Writable);
    assert(PassThrough() instanceof PassThrough);
});
test('Duplex has two sides', async () => {
    const written = [];
    const duplex = new Duplex({
        read() {
            this.push('out');
            this.push(null);
        },
        write(chunk, encoding, callback) {
            written.push(String(chunk));
            callback();
        },
    });
    duplex.end('in');
    assert.strictEqual(Buffer.concat(await collect(duplex)).toString(), 'out');
    assert.deepStrictEqual(written, ['in']);
});
test('allowHalfOpen: false ends both sides', async () => {
    const duplex = new Duplex({
        allowHalfOpen: false,
        read() {
            this.push(null);
        },
        write(c, e, callback) {
            callback();
        },
    });
    duplex.resume();
    await new Promise((resolve) => duplex.on('finish', resolve));
});
test('pipeline with a callback', async () => {
    const writable = sink();
    const error = await new Promise((resolve) =>
        pipeline(Readable.from(['a', 'b'], { objectMode: false }), new PassThrough(), writable, resolve),
    );
    assert.strictEqual(error, undefined);
    assert.strictEqual(Buffer.concat(writable.out).toString(), 'ab');
});
test('pipeline with generators', async () => {
    const out = [];
    await promises.pipeline(
        async function* () {
            yield 'a';
            yield 'b';
        },
        async function* (source) {
            for await (const chunk of source) yield String(chunk).toUpperCase();
        },
        async function (source) {
            for await (const chunk of source) out.push(chunk);
        },
    );
    assert.deepStrictEqual(out, ['A', 'B']);
});
test('pipeline gives the value of its last function', async () => {
    const value = await promises.pipeline(Readable.from([1, 2, 3]), async (source) => {
        let sum = 0;
        for await (const item of source) sum += item;
        return sum;
    });
    assert.strictEqual(value, 6);
});
test('pipeline from an iterable into a stream', async () => {
    const writable = sink({ objectMode: true });
    await promises.pipeline([1, 2], writable);
    assert.deepStrictEqual(writable.out, [1, 2]);
});
test('a pipeline that fails destroys all', async () => {
    const readable = Readable.from(['a', 'b']);
    const broken = new Transform({
        objectMode: true,
        transform(chunk, encoding, callback) {
            callback(new Error('middle'));
        },
    });
    const writable = sink({ objectMode: true });
    await assert.rejects(promises.pipeline(readable, broken, writable), /middle/);
    await tick();
    assert.deepStrictEqual([readable.destroyed, broken.destroyed, writable.destroyed], [true, true, true]);
});
test('a pipeline whose source fails', async () => {
    const readable = new Readable({
        read() {
            this.destroy(new Error('source'));
        },
    });
    await assert.rejects(promises.pipeline(readable, sink()), /source/);
});
test('a pipeline that is aborted', async () => {
    const controller = new AbortController();
    const readable = new Readable({ read() {} });
    const promise = promises.pipeline(readable, sink(), { signal: controller.signal });
    controller.abort();
    await assert.rejects(promise, { name: 'AbortError' });
    assert.strictEqual(readable.destroyed, true);
});
test('finished', async () => {
    const writable = sink();
    writable.end('x');
    await promises.finished(writable);
    const readable = new Readable({ read() {} });
    const early = new Promise((resolve) => finished(readable, resolve));
    readable.destroy();
    assert.strictEqual((await early).code, 'ERR_STREAM_PREMATURE_CLOSE');
    const failing = new Readable({ read() {} });
    setImmediate(() => failing.destroy(new Error('boo')));
    await assert.rejects(promises.finished(failing), /boo/);
});
test('finished of a stream that has finished', async () => {
    const readable = Readable.from([]);
    readable.resume();
    await new Promise((resolve) => readable.on('close', resolve));
    await promises.finished(readable);
});
test('the methods of arrays', async () => {
    const numbers = () => Readable.from([1, 2, 3, 4]);
    assert.deepStrictEqual(
        await numbers()
            .map((n) => n * 2)
            .toArray(),
        [2, 4, 6, 8],
    );
    assert.deepStrictEqual(
        await numbers()
            .filter(async (n) => n % 2 === 0)
            .toArray(),
        [2, 4],
    );
    assert.deepStrictEqual(await numbers().drop(1).take(2).toArray(), [2, 3]);
    assert.deepStrictEqual(
        await numbers()
            .flatMap((n) => [n, n])
            .take(3)
            .toArray(),
        [1, 1, 2],
    );
    assert.strictEqual(await numbers().reduce((sum, n) => sum + n, 0), 10);
    assert.strictEqual(await numbers().some((n) => n > 3), true);
    assert.strictEqual(await numbers().every((n) => n > 3), false);
    assert.strictEqual(await numbers().find((n) => n > 2), 3);
    const seen = [];
    await numbers().forEach((n) => {
        seen.push(n);
    });
    assert.deepStrictEqual(seen, [1, 2, 3, 4]);
});
test('addAbortSignal', async () => {
    const controller = new AbortController();
    const readable = stream.addAbortSignal(controller.signal, new Readable({ read() {} }));
    controller.abort();
    const error = await new Promise((resolve) => readable.on('error', resolve));
    assert.strictEqual(error.name, 'AbortError');
});
test('the state that packages look at', () => {
    const duplex = new Duplex({ objectMode: true, read() {}, write() {} });
    assert.strictEqual(duplex._readableState.objectMode, true);
    assert.strictEqual(duplex._writableState.objectMode, true);
    assert.strictEqual(duplex.readableObjectMode, true);
    assert.strictEqual(duplex.writableHighWaterMark, 16);
    assert.strictEqual(duplex.readableFlowing, null);
    assert.strictEqual(new Duplex({ readableObjectMode: true }).writableObjectMode, false);
});
test('to and from web streams', async () => {
    const web = Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')]));
    assert(web instanceof ReadableStream);
    assert.strictEqual(Buffer.concat(await collect(Readable.fromWeb(web))).toString(), 'ab');
});
test('stream/consumers', async () => {
    const consumers = require('stream/consumers');
    assert.strictEqual(await consumers.text(Readable.from([Buffer.from('a€')])), 'a€');
    assert.deepStrictEqual(await consumers.json(Readable.from(['{"a":', '1}'])), { a: 1 });
    assert.strictEqual((await consumers.buffer(Readable.from([Buffer.from('xy')]))).length, 2);
});
test('stream/web', () => assert.strictEqual(require('stream/web').ReadableStream, ReadableStream));
test('an old stream can be wrapped and piped', async () => {
    const old = new stream();
    const readable = new Readable().wrap(old);
    setImmediate(() => {
        old.emit('data', Buffer.from('x'));
        old.emit('end');
    });
    assert.strictEqual(Buffer.concat(await collect(readable)).toString(), 'x');
    const source = new stream();
    source.readable = true;
    const writable = sink();
    source.pipe(writable);
    source.emit('data', Buffer.from('y'));
    source.emit('end');
    await new Promise((resolve) => writable.on('finish', resolve));
    assert.strictEqual(String(writable.out[0]), 'y');
});
test('a large stream keeps its order', async () => {
    const numbers = Array.from({ length: 2000 }, (_, i) => i);
    const out = await Readable.from(numbers)
        .pipe(new PassThrough({ objectMode: true }))
        .toArray();
    assert.deepStrictEqual(out, numbers);
});
