// `crypto`: hashes, HMAC, key derivation from them, and random values, by the engine's natives. What would need ciphers
// or key pairs throws an error that says so.

const EventEmitter = require('node/events');
const { Buffer } = require('node/buffer');
const { nextTick } = require('internal/timers');
const derivation = require('node/internal/key_derivation');
const errors = require('node/internal/errors');
const { invalidArgType, nodeError, notAvailable, outOfRange, validateFunction, validateInteger, validateString } =
    errors;
const native = binding('crypto');
const host = binding('host');
const { SIZE } = derivation;

/** The natives' name of a hash: OpenSSL knows each under several. */
function hashName(name) {
    const short = name.toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha');
    return Object.hasOwn(SIZE, short) ? short : undefined;
}

function bytesOf(data, encoding, name = 'data') {
    if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
    if (data instanceof Uint8Array) return data;
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (data instanceof ArrayBuffer && name !== 'data') return new Uint8Array(data);
    throw invalidArgType(name, ['string', 'Buffer', 'TypedArray', 'DataView'], data);
}

function adopt(bytes) {
    return Object.setPrototypeOf(bytes, Buffer.prototype);
}

function joined(chunks) {
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** What Hash and Hmac share: the data so far, and as much of a stream as `pipe` needs. */
class Digest extends EventEmitter {
    chunks = [];
    done = false;

    update(data, encoding) {
        if (this.done) throw nodeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
        const bytes = bytesOf(data, encoding);
        this.chunks.push(typeof data === 'string' ? bytes : new Uint8Array(bytes));
        return this;
    }

    write(chunk, encoding, callback) {
        this.update(chunk, typeof encoding === 'string' ? encoding : undefined);
        const done = typeof encoding === 'function' ? encoding : callback;
        if (done) nextTick(done);
        return true;
    }

    end(chunk, encoding) {
        if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk, encoding);
        this.result = this.digest();
        nextTick(() => {
            for (const name of ['finish', 'readable', 'end', 'close']) this.emit(name);
        });
        return this;
    }

    read() {
        const { result } = this;
        this.result = null;
        return result ?? null;
    }

    setEncoding(encoding) {
        this.result = this.result?.toString(encoding);
        return this;
    }

    get writable() { return !this.done; }
}

function encode(bytes, encoding) {
    return encoding && encoding !== 'buffer' ? adopt(bytes).toString(encoding) : adopt(bytes);
}

class Hash extends Digest {
    constructor(name) {
        super();
        validateString(name, 'algorithm');
        this.algorithm = hashName(name);
        if (this.algorithm === undefined) {
            throw nodeError(Error, 'ERR_OSSL_EVP_UNSUPPORTED',
                `Digest method not supported: ${name}. There are ${native.hashes().join(', ')}`);
        }
    }

    copy() {
        if (this.done) throw nodeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
        const copy = new Hash(this.algorithm);
        copy.chunks = this.chunks.slice();
        return copy;
    }

    digest(encoding) {
        if (this.done) throw nodeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
        this.done = true;
        const bytes = native.hash(this.algorithm, joined(this.chunks));
        this.chunks = [];
        return encode(bytes, encoding);
    }
}

class Hmac extends Digest {
    constructor(name, key) {
        super();
        validateString(name, 'hmac');
        this.algorithm = hashName(name);
        if (this.algorithm === undefined)
            throw nodeError(Error, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`);
        this.key = key instanceof KeyObject ? key.export() : bytesOf(key, 'utf8', 'key');
    }

    digest(encoding) {
        if (this.done) return encoding && encoding !== 'buffer' ? '' : Buffer.alloc(0);
        this.done = true;
        const bytes = native.hmac(this.algorithm, this.key, joined(this.chunks));
        this.chunks = [];
        return encode(bytes, encoding);
    }
}

/** A secret key; there are no private and public ones. */
class KeyObject {
    #bytes;

    constructor(type, bytes) {
        if (type !== 'secret')
            throw notAvailable(`A ${type} key`, 'There are only secret keys (crypto.createSecretKey).');
        this.#bytes = bytes;
    }

    get type() { return 'secret'; }
    get symmetricKeySize() { return this.#bytes.length; }
    export(options) {
        return options?.format === 'jwk'
            ? { kty: 'oct', k: this.#bytes.toString('base64url') }
            : Buffer.from(this.#bytes);
    }

    equals(other) { return other instanceof KeyObject && this.#bytes.equals(other.export()); }
}

function createSecretKey(key, encoding) {
    return new KeyObject('secret', Buffer.from(bytesOf(key, encoding, 'key')));
}

/** Runs `work` now and hands its outcome to a callback later, as Node's thread pool would. */
function later(callback, work) {
    validateFunction(callback, 'callback');
    let result;
    try {
        result = work();
    } catch (error) {
        nextTick(callback, error);
        return;
    }
    nextTick(callback, null, result);
}

function fillRandom(bytes) {
    for (let at = 0; at < bytes.length; at += 65536) host.randomFill(bytes.subarray(at, at + 65536));
}

function randomBytesSync(size) {
    if (typeof size !== 'number') throw invalidArgType('size', 'number', size);
    if (!(size >= 0 && size <= 0x7fffffff)) throw outOfRange('size', '>= 0 && <= 2147483647', size);
    const bytes = new Uint8Array(size);
    fillRandom(bytes);
    return adopt(bytes);
}

function randomBytes(size, callback) {
    if (callback === undefined) return randomBytesSync(size);
    validateFunction(callback, 'callback');
    const bytes = randomBytesSync(size);
    nextTick(callback, null, bytes);
    return undefined;
}

function randomFillSync(target, offset = 0, size = undefined) {
    if (!ArrayBuffer.isView(target) && !(target instanceof ArrayBuffer)) {
        throw invalidArgType('buf', ['ArrayBuffer', 'ArrayBufferView'], target);
    }
    const width = target.BYTES_PER_ELEMENT ?? 1;
    const bytes = target instanceof ArrayBuffer ? new Uint8Array(target)
        : new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    const start = offset * width;
    if (!(start >= 0 && start <= bytes.length)) throw outOfRange('offset', `>= 0 && <= ${bytes.length}`, offset);
    const end = size === undefined ? bytes.length : start + size * width;
    if (!(end >= start && end <= bytes.length)) throw outOfRange('size + offset', `<= ${bytes.length}`, end);
    fillRandom(bytes.subarray(start, end));
    return target;
}

function randomFill(target, ...rest) {
    const callback = rest.pop();
    later(callback, () => randomFillSync(target, ...rest));
}

function randomIntSync(min, max) {
    if (!Number.isSafeInteger(min)) throw invalidArgType('min', 'a safe integer', min);
    if (!Number.isSafeInteger(max)) throw invalidArgType('max', 'a safe integer', max);
    if (max <= min) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
    const range = max - min;
    if (range > 2 ** 48 - 1) throw outOfRange('max - min', `<= ${2 ** 48 - 1}`, range);
    const limit = 2 ** 48 - 2 ** 48 % range;
    for (;;) {
        const value = randomBytesSync(6).readUIntBE(0, 6);
        if (value < limit) return min + value % range;
    }
}

function randomInt(min, max, callback) {
    if (max === undefined || typeof max === 'function') [min, max, callback] = [0, min, max];
    if (callback === undefined) return randomIntSync(min, max);
    const value = randomIntSync(min, max);
    nextTick(callback, null, value);
    return undefined;
}

function randomUUID() {
    const bytes = randomBytesSync(16);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function timingSafeEqual(a, b) {
    const left = bytesOf(typeof a === 'string' ? null : a, undefined, 'buf1');
    const right = bytesOf(typeof b === 'string' ? null : b, undefined, 'buf2');
    if (left.length !== right.length) {
        throw nodeError(
            RangeError,
            'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
            'Input buffers must have the same byte length',
        );
    }
    let difference = 0;
    for (let i = 0; i < left.length; i++) difference |= left[i] ^ right[i];
    return difference === 0;
}

function knownDigest(name) {
    validateString(name, 'digest');
    const known = hashName(name);
    if (known === undefined) throw nodeError(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`);
    return known;
}

function pbkdf2Sync(password, salt, iterations, length, digest) {
    const name = knownDigest(digest);
    validateInteger(iterations, 'iterations', 1, 2147483647);
    validateInteger(length, 'keylen', 0, 2147483647);
    const key = bytesOf(password, 'utf8', 'password');
    return derivation.pbkdf2(name, key, Buffer.from(bytesOf(salt, 'utf8', 'salt')), iterations, length);
}

function hkdfSync(digest, key, salt, info, length) {
    const name = knownDigest(digest);
    validateInteger(length, 'keylen', 0, 255 * SIZE[name]);
    const secret = key instanceof KeyObject ? key.export() : bytesOf(key, 'utf8', 'ikm');
    const context = Buffer.from(bytesOf(info, 'utf8', 'info'));
    return derivation.hkdf(name, secret, bytesOf(salt, 'utf8', 'salt'), context, length);
}

function Certificate() {}

module.exports = {
    Certificate,
    Hash,
    Hmac,
    KeyObject,
    createSecretKey,
    hkdfSync,
    pbkdf2Sync,
    randomBytes,
    randomFill,
    randomFillSync,
    randomInt,
    randomUUID,
    timingSafeEqual,
    pseudoRandomBytes: randomBytes,
    prng: randomBytes,
    rng: randomBytes,
    constants: Object.freeze({
        defaultCoreCipherList: '',
        RSA_PKCS1_PADDING: 1,
        RSA_PKCS1_PSS_PADDING: 6,
        RSA_PKCS1_OAEP_PADDING: 4,
    }),
    createHash: (name) => new Hash(name),
    createHmac: (name, key) => new Hmac(name, key),
    hash(name, data, encoding = 'hex') {
        return new Hash(name).update(data).digest(encoding);
    },
    hkdf: (digest, key, salt, info, length, callback) =>
        later(callback, () => hkdfSync(digest, key, salt, info, length)),
    pbkdf2: (password, salt, iterations, length, digest, callback) =>
        later(callback, () => pbkdf2Sync(password, salt, iterations, length, digest)),
    getHashes: () => [
        'RSA-MD5',
        'RSA-SHA1',
        'RSA-SHA224',
        'RSA-SHA256',
        'RSA-SHA384',
        'RSA-SHA512',
        ...native.hashes(),
    ],
    getCiphers: () => [],
    getCurves: () => [],
    getFips: () => 0,
    setEngine() {},
    getRandomValues: (target) => globalThis.crypto.getRandomValues(target),
    get webcrypto() {
        return globalThis.crypto;
    },
    get subtle() {
        return globalThis.crypto.subtle;
    },
};
for (const name of ['createCipheriv', 'createDecipheriv', 'createDiffieHellman', 'createECDH', 'createPrivateKey',
    'createPublicKey', 'createSign', 'createVerify', 'diffieHellman', 'generateKey', 'generateKeyPair',
    'generateKeyPairSync', 'generateKeySync', 'generatePrime', 'generatePrimeSync', 'getDiffieHellman',
    'privateDecrypt', 'privateEncrypt', 'publicDecrypt', 'publicEncrypt', 'scrypt', 'scryptSync', 'sign', 'verify',
    'X509Certificate']) {
    module.exports[name] = function () {
        throw notAvailable(
            `crypto.${name}`,
            'Hashes, HMAC, pbkdf2, hkdf and random values are; for ciphers and signatures ' +
                'bundle a package in JavaScript, for example @noble/ciphers or @noble/curves.',
        );
    };
}
