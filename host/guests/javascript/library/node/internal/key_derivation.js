// Keys derived by HMAC: PBKDF2 (RFC 8018) and HKDF (RFC 5869).

const { Buffer } = require('node/buffer');
const native = binding('crypto');

const BLOCK = { md5: 64, sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 };
const SIZE = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

function pbkdf2(name, password, salt, iterations, length) {
    const out = Buffer.alloc(length);
    for (let block = 1, at = 0; at < length; block++, at += SIZE[name]) {
        const counter = Buffer.alloc(4);
        counter.writeUInt32BE(block);
        let round = native.hmac(name, password, Buffer.concat([salt, counter]));
        const sum = new Uint8Array(round);
        for (let i = 1; i < iterations; i++) {
            round = native.hmac(name, password, round);
            for (let j = 0; j < sum.length; j++) sum[j] ^= round[j];
        }
        out.set(sum.subarray(0, Math.min(sum.length, length - at)), at);
    }
    return out;
}

function hkdf(name, secret, salt, context, length) {
    const pseudorandom = native.hmac(name, salt.length > 0 ? salt : new Uint8Array(BLOCK[name]), secret);
    const out = Buffer.alloc(length);
    let previous = new Uint8Array(0);
    for (let i = 1, at = 0; at < length; i++, at += SIZE[name]) {
        previous = native.hmac(name, pseudorandom, Buffer.concat([previous, context, Uint8Array.of(i)]));
        out.set(previous.subarray(0, Math.min(previous.length, length - at)), at);
    }
    return out.buffer;
}

module.exports = { SIZE, hkdf, pbkdf2 };
