// timers, process.nextTick and the order of things; string_decoder.
const assert = require('assert');
const timers = require('timers');
const { StringDecoder } = require('string_decoder');

test('the module has the global timers', () => {
    assert.strictEqual(timers.setTimeout, setTimeout);
    assert.strictEqual(timers.clearImmediate, clearImmediate);
    assert.strictEqual(timers.promises, require('timers/promises'));
});
test('nextTick comes before promises, promises before timers', async () => {
    const seen = [];
    await new Promise((resolve) => {
        setTimeout(() => {
            seen.push('timeout');
            resolve();
        }, 1);
        setImmediate(() => seen.push('immediate'));
        Promise.resolve().then(() => seen.push('promise'));
        process.nextTick((value) => seen.push(value), 'tick');
        queueMicrotask(() => seen.push('microtask'));
        seen.push('sync');
    });
    assert.deepStrictEqual(seen.filter((item) => item !== 'immediate' && item !== 'timeout').slice(0, 1), ['sync']);
    assert(seen.indexOf('promise') < seen.indexOf('timeout'));
    assert(seen.indexOf('tick') < seen.indexOf('timeout'));
    assert(seen.indexOf('promise') < seen.indexOf('microtask'));
});
test('arguments, clearing and repeating', async () => {
    const seen = [];
    clearTimeout(setTimeout(() => seen.push('never'), 1));
    setTimeout((a, b) => seen.push(a, b), 1, 'a', 'b');
    await new Promise((resolve) => {
        let count = 0;
        const interval = setInterval(() => {
            if (++count === 3) {
                clearInterval(interval);
                resolve();
            }
        }, 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepStrictEqual(seen, ['a', 'b']);
});
test('Timeout objects', () => {
    const timeout = setTimeout(() => {}, 1000);
    assert.strictEqual(timeout.hasRef(), true);
    assert.strictEqual(timeout.unref(), timeout);
    assert.strictEqual(timeout.hasRef(), false);
    assert.strictEqual(timeout.refresh(), timeout);
    assert.strictEqual(typeof +timeout, 'number');
    clearTimeout(timeout);
    clearTimeout(undefined);
    assert.throws(() => setTimeout('code'), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('timers/promises', async () => {
    const promises = require('timers/promises');
    assert.strictEqual(await promises.setTimeout(1, 'value'), 'value');
    assert.strictEqual(await promises.setImmediate('value'), 'value');
    const seen = [];
    for await (const value of promises.setInterval(1, 'x')) if (seen.push(value) === 3) break;
    assert.deepStrictEqual(seen, ['x', 'x', 'x']);
    await promises.scheduler.wait(1);
});
test('timers/promises with a signal', async () => {
    const controller = new AbortController();
    const promise = require('timers/promises').setTimeout(1000, null, { signal: controller.signal });
    controller.abort();
    await assert.rejects(promise, { name: 'AbortError', code: 'ABORT_ERR' });
    await assert.rejects(require('timers/promises').setTimeout(1, null, { signal: AbortSignal.abort() }), {
        name: 'AbortError',
    });
});
test('StringDecoder keeps a character that is cut', () => {
    const decoder = new StringDecoder('utf8');
    const bytes = Buffer.from('€😀');
    let out = '';
    for (const byte of bytes) out += decoder.write(Buffer.from([byte]));
    assert.strictEqual(out + decoder.end(), '€😀');
});
test('StringDecoder at the end of a broken character', () => {
    const decoder = new StringDecoder();
    assert.strictEqual(decoder.write(Buffer.from([0x61, 0xe2, 0x82])), 'a');
    assert.strictEqual(decoder.end(), '\ufffd');
    assert.strictEqual(decoder.end(), '');
});
for (const [encoding, text] of [
    ['utf16le', 'a😀b'],
    ['base64', 'aGVsbG8gd29ybGQh'],
    ['hex', '00ff10'],
    ['latin1', 'é'],
]) {
    test(`StringDecoder ${encoding}`, () => {
        const decoder = new StringDecoder(encoding);
        let out = '';
        for (const byte of Buffer.from(text, encoding)) out += decoder.write(Buffer.from([byte]));
        assert.strictEqual(out + decoder.end(), text);
    });
}
test('StringDecoder refuses encodings and values', () => {
    assert.throws(() => new StringDecoder('nope'), { code: 'ERR_UNKNOWN_ENCODING' });
    assert.throws(() => new StringDecoder().write(5), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.strictEqual(new StringDecoder('utf-8').encoding, 'utf8');
});
