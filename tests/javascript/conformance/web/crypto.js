// Web Cryptography: random values, digests and HMAC.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, rejects, ok } = require('assert');

const encode = (text) => new TextEncoder().encode(text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const named = (name) => (error) => error instanceof DOMException && error.name === name;

test('randomUUID', () => {
    const seen = new Set();
    for (let index = 0; index < 100; index++) {
        const uuid = crypto.randomUUID();
        ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), uuid);
        seen.add(uuid);
    }
    equal(seen.size, 100);
});
test('getRandomValues fills and returns its array', () => {
    const array = new Uint8Array(64);
    equal(crypto.getRandomValues(array), array);
    ok(array.some((byte) => byte !== 0));
});
for (const Class of [
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
]) {
    test(`getRandomValues of ${Class.name}`, () => {
        const array = crypto.getRandomValues(new Class(32));
        ok(array.some((value) => value !== array[0]));
    });
}
test('getRandomValues stays within its view', () => {
    const all = new Uint8Array(64);
    crypto.getRandomValues(all.subarray(16, 48));
    ok(all.subarray(0, 16).every((byte) => byte === 0) && all.subarray(48).every((byte) => byte === 0));
});
test('getRandomValues refuses other arguments', () => {
    for (const value of [new Float32Array(4), new Float64Array(4), new DataView(new ArrayBuffer(4))]) {
        throws(() => crypto.getRandomValues(value), named('TypeMismatchError'));
    }
    throws(() => crypto.getRandomValues([1, 2]));
    throws(() => crypto.getRandomValues());
});
test('getRandomValues has a quota', () => {
    equal(crypto.getRandomValues(new Uint8Array(65536)).length, 65536);
    throws(() => crypto.getRandomValues(new Uint8Array(65537)), named('QuotaExceededError'));
    throws(() => crypto.getRandomValues(new Uint32Array(16385)), named('QuotaExceededError'));
});

// FIPS 180 examples.
const DIGESTS = [
    ['SHA-1', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['SHA-1', '', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['SHA-256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['SHA-256', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [
        'SHA-384',
        'abc',
        'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ],
    [
        'SHA-512',
        'abc',
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
            '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
];
for (const [name, text, expected] of DIGESTS) {
    test(`digest ${name} of ${JSON.stringify(text)}`, async () => {
        const digest = await crypto.subtle.digest(name, encode(text));
        ok(digest instanceof ArrayBuffer);
        equal(hex(digest), expected);
        equal(hex(await crypto.subtle.digest({ name: name.toLowerCase() }, encode(text).buffer)), expected);
    });
}
test('digest refuses other hashes and other data', async () => {
    await rejects(crypto.subtle.digest('MD5', encode('')), named('NotSupportedError'));
    await rejects(crypto.subtle.digest('SHA-256', 'text'), TypeError);
    await rejects(crypto.subtle.digest('SHA-256'), TypeError);
});

const importKey = (secret, usages = ['sign', 'verify'], hash = 'SHA-256', extractable = false) =>
    crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash }, extractable, usages);

test('HMAC sign (RFC 4231, case 2)', async () => {
    const key = await importKey('Jefe');
    const signature = await crypto.subtle.sign('HMAC', key, encode('what do ya want for nothing?'));
    equal(hex(signature), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});
test('HMAC sign with SHA-1 (RFC 2202, case 2) and SHA-512', async () => {
    const data = encode('what do ya want for nothing?');
    const sha1 = await crypto.subtle.sign('HMAC', await importKey('Jefe', ['sign'], 'SHA-1'), data);
    equal(hex(sha1), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
    const sha512 = await crypto.subtle.sign(
        { name: 'hmac' },
        await importKey('Jefe', ['sign'], { name: 'sha-512' }),
        data,
    );
    equal(sha512.byteLength, 64);
});
test('HMAC verify', async () => {
    const key = await importKey('secret');
    const signature = await crypto.subtle.sign('HMAC', key, encode('data'));
    equal(await crypto.subtle.verify('HMAC', key, signature, encode('data')), true);
    equal(await crypto.subtle.verify('HMAC', key, signature, encode('other')), false);
    equal(await crypto.subtle.verify('HMAC', key, signature.slice(1), encode('data')), false);
    new Uint8Array(signature)[31] ^= 1;
    equal(await crypto.subtle.verify('HMAC', key, signature, encode('data')), false);
});
test('a key shows what it is', async () => {
    const key = await importKey('secret', ['verify', 'sign'], 'SHA-384', true);
    ok(key instanceof CryptoKey);
    same([key.type, key.extractable, [...key.usages].sort()], ['secret', true, ['sign', 'verify']]);
    same([key.algorithm.name, key.algorithm.hash.name, key.algorithm.length], ['HMAC', 'SHA-384', 48]);
});
test('a key does what it is meant for', async () => {
    const key = await importKey('secret', ['sign']);
    await rejects(crypto.subtle.verify('HMAC', key, encode('x'), encode('y')), named('InvalidAccessError'));
    await rejects(importKey('secret', []), named('SyntaxError'));
    await rejects(importKey('secret', ['encrypt']), named('SyntaxError'));
    await rejects(importKey('secret', ['nonsense']), TypeError);
    await rejects(importKey('', ['sign']), named('DataError'));
});
test('exportKey', async () => {
    const key = await importKey('secret', ['sign'], 'SHA-256', true);
    equal(new TextDecoder().decode(await crypto.subtle.exportKey('raw', key)), 'secret');
    const jwk = await crypto.subtle.exportKey('jwk', key);
    same([jwk.kty, jwk.k, jwk.alg, jwk.ext], ['oct', 'c2VjcmV0', 'HS256', true]);
    // Node 20 gives it the name InvalidAccessException.
    await rejects(
        crypto.subtle.exportKey('raw', await importKey('secret')),
        (error) => error instanceof DOMException && error.name.startsWith('InvalidAccess'),
    );
});
test('importKey of a JSON Web Key', async () => {
    const jwk = { kty: 'oct', k: 'SmVmZQ' };
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const signature = await crypto.subtle.sign('HMAC', key, encode('what do ya want for nothing?'));
    equal(hex(signature).slice(0, 8), '5bdcc146');
});
test('generateKey', async () => {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    equal((await crypto.subtle.exportKey('raw', key)).byteLength, 64);
    const short = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-512', length: 128 }, true, ['sign']);
    equal((await crypto.subtle.exportKey('raw', short)).byteLength, 16);
});
test('crypto has its class strings', () => {
    equal(Object.prototype.toString.call(crypto), '[object Crypto]');
    equal(Object.prototype.toString.call(crypto.subtle), '[object SubtleCrypto]');
    throws(() => new Crypto());
});
