// crypto: hashes, HMAC, derived keys, random values.
const assert = require('assert');
const crypto = require('crypto');

const hashes = {
    md5: '900150983cd24fb0d6963f7d28e17f72',
    sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
    sha224: '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    sha512:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
};
for (const name of Object.keys(hashes)) {
    test(`createHash ${name}`, () => {
        assert.strictEqual(crypto.createHash(name).update('abc').digest('hex'), hashes[name]);
        assert.strictEqual(
            crypto.createHash(name.toUpperCase()).update('a').update(Buffer.from('bc')).digest().toString('hex'),
            hashes[name],
        );
    });
}
for (const [name, expected] of [
    ['md5', '750c783e6ab0b503eaa86e310a5db738'],
    ['sha1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    ['sha256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
]) {
    test(`createHmac ${name}`, () =>
        assert.strictEqual(
            crypto.createHmac(name, 'Jefe').update('what do ya want ').update('for nothing?').digest('hex'),
            expected,
        ));
}
test('encodings of data and digest', () => {
    assert.strictEqual(
        crypto.createHash('sha1').update('616263', 'hex').digest('base64'),
        'qZk+NkcGgWq6PiVxeFDCbJzQ2J0=',
    );
    assert.strictEqual(crypto.createHash('sha1').update('abc').digest('base64url'), 'qZk-NkcGgWq6PiVxeFDCbJzQ2J0');
    assert.strictEqual(
        crypto.createHash('md5').update('é').digest('hex'),
        crypto.createHash('md5').update(Buffer.from('é')).digest('hex'),
    );
    assert(Buffer.isBuffer(crypto.createHash('md5').digest()));
});
test('a hash is done after its digest', () => {
    const hash = crypto.createHash('sha1');
    hash.digest();
    assert.throws(() => hash.update('x'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
    assert.throws(() => hash.digest(), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
});
test('copy', () => {
    const hash = crypto.createHash('sha1').update('ab');
    const copy = hash.copy();
    assert.strictEqual(copy.update('c').digest('hex'), hashes.sha1);
    assert.strictEqual(hash.update('c').digest('hex'), hashes.sha1);
});
test('what is updated later does not change what was hashed', () => {
    const data = Buffer.from('abc');
    const hash = crypto.createHash('sha1').update(data);
    data.fill(0);
    assert.strictEqual(hash.digest('hex'), hashes.sha1);
});
test('unknown algorithms and data', () => {
    assert.throws(() => crypto.createHash('nope'), /Digest method not supported/);
    assert.throws(() => crypto.createHmac('nope', 'k'), { code: 'ERR_CRYPTO_INVALID_DIGEST' });
    assert.throws(() => crypto.createHash('sha1').update(5), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => crypto.createHmac('sha1'), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('getHashes', () => {
    for (const name of ['md5', 'sha1', 'sha256', 'sha512']) assert(crypto.getHashes().includes(name));
});
test('a hash takes a stream', async () => {
    const { pipeline } = require('stream/promises');
    const { Readable } = require('stream');
    const hash = crypto.createHash('sha1');
    await pipeline(Readable.from([Buffer.from('a'), Buffer.from('bc')]), hash);
    assert.strictEqual(hash.read().toString('hex'), hashes.sha1);
});
test('HMAC with keys as bytes and as KeyObject', () => {
    const expected = crypto.createHmac('sha256', 'key').update('x').digest('hex');
    assert.strictEqual(crypto.createHmac('sha256', Buffer.from('key')).update('x').digest('hex'), expected);
    const key = crypto.createSecretKey(Buffer.from('key'));
    assert.strictEqual(key.type, 'secret');
    assert.strictEqual(key.symmetricKeySize, 3);
    assert.strictEqual(crypto.createHmac('sha256', key).update('x').digest('hex'), expected);
    assert.strictEqual(key.export().toString(), 'key');
});
test('randomBytes', async () => {
    assert.strictEqual(crypto.randomBytes(8).length, 8);
    assert.notStrictEqual(crypto.randomBytes(16).toString('hex'), crypto.randomBytes(16).toString('hex'));
    assert.strictEqual(crypto.randomBytes(100000).length, 100000);
    const bytes = await new Promise((resolve, reject) =>
        crypto.randomBytes(4, (error, value) => (error ? reject(error) : resolve(value))),
    );
    assert(Buffer.isBuffer(bytes));
    assert.throws(() => crypto.randomBytes('5'), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => crypto.randomBytes(-1), { code: 'ERR_OUT_OF_RANGE' });
});
test('randomUUID', () => {
    assert.match(crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notStrictEqual(crypto.randomUUID(), crypto.randomUUID());
});
test('randomInt', async () => {
    for (let i = 0; i < 50; i++) {
        const value = crypto.randomInt(3, 6);
        assert(value >= 3 && value < 6);
    }
    assert.strictEqual(crypto.randomInt(1), 0);
    assert((await new Promise((resolve) => crypto.randomInt(5, (error, value) => resolve(value)))) < 5);
    assert.throws(() => crypto.randomInt(5, 5), { code: 'ERR_OUT_OF_RANGE' });
});
test('randomFillSync and randomFill', async () => {
    const buffer = Buffer.alloc(32);
    assert.strictEqual(crypto.randomFillSync(buffer, 16), buffer);
    assert.strictEqual(buffer.toString('hex', 0, 16), '00'.repeat(16));
    assert.notStrictEqual(buffer.toString('hex', 16), '00'.repeat(16));
    await new Promise((resolve, reject) => crypto.randomFill(buffer, (error) => (error ? reject(error) : resolve())));
    assert.throws(() => crypto.randomFillSync(buffer, 33), { code: 'ERR_OUT_OF_RANGE' });
});
test('timingSafeEqual', () => {
    assert.strictEqual(crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abc')), true);
    assert.strictEqual(crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abd')), false);
    assert.throws(() => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')), {
        code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
    });
    assert.throws(() => crypto.timingSafeEqual('a', 'a'), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('pbkdf2', async () => {
    assert.strictEqual(
        crypto.pbkdf2Sync('password', 'salt', 2, 20, 'SHA1').toString('hex'),
        'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957',
    );
    assert.strictEqual(
        crypto.pbkdf2Sync('password', 'salt', 1, 20, 'sha1').toString('hex'),
        '0c60c80f961f0e71f3a9b524af6012062fe037a6',
    );
    assert.strictEqual(crypto.pbkdf2Sync('password', 'salt', 1, 40, 'sha256').length, 40);
    const key = await new Promise((resolve, reject) =>
        crypto.pbkdf2('password', 'salt', 1, 20, 'sha1', (error, value) => (error ? reject(error) : resolve(value))),
    );
    assert.strictEqual(key.toString('hex'), '0c60c80f961f0e71f3a9b524af6012062fe037a6');
    assert.throws(() => crypto.pbkdf2Sync('p', 's', 1, 20, 'nope'), { code: 'ERR_CRYPTO_INVALID_DIGEST' });
});
test('hkdf', () => {
    const key = crypto.hkdfSync(
        'sha256',
        Buffer.from('0b'.repeat(22), 'hex'),
        Buffer.from('000102030405060708090a0b0c', 'hex'),
        Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
        42,
    );
    assert.strictEqual(
        Buffer.from(key).toString('hex'),
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
});
test('webcrypto is the global crypto', () => assert.strictEqual(crypto.webcrypto, globalThis.crypto));
