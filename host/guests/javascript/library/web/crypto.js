// crypto (Web Cryptography): random values, and of `subtle` what needs hashes only: digest and HMAC.
'use strict';

const { defineInterface, needArguments, bytesOf } = require('web/idl');
const { DOMException } = require('web/dom-exception');
const native = binding('crypto');
const host = binding('host');
const text = binding('text');

const made = Symbol('made here');
const QUOTA_BYTES = 65536;
const HASHES = new Map([
    ['SHA-1', { native: 'sha1', block: 64 }],
    ['SHA-256', { native: 'sha256', block: 64 }],
    ['SHA-384', { native: 'sha384', block: 128 }],
    ['SHA-512', { native: 'sha512', block: 128 }],
]);
const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];
const typedArrayName = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
).get;

class Crypto {
    #subtle;

    constructor(token = undefined) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#subtle = new SubtleCrypto(made);
    }

    get subtle() {
        return this.#subtle;
    }

    getRandomValues(array) {
        needArguments(arguments.length, 1, 'Crypto.getRandomValues');
        const name = ArrayBuffer.isView(array) ? typedArrayName.call(array) : undefined;
        if (name === undefined || name.startsWith('Float')) {
            throw new DOMException('The argument must be a typed array of integers.', 'TypeMismatchError');
        }
        if (array.byteLength > QUOTA_BYTES) {
            throw new DOMException(
                `At most ${QUOTA_BYTES} bytes can be asked for at once, not ${array.byteLength}.`,
                'QuotaExceededError',
            );
        }
        void this.#subtle;
        host.randomFill(bytesOf(array));
        return array;
    }

    randomUUID() {
        void this.#subtle;
        const bytes = new Uint8Array(16);
        host.randomFill(bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        const hex = text.hexEncode(bytes);
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    }
}

class CryptoKey {
    #algorithm;
    #extractable;
    #usages;
    #secret;

    constructor(token = undefined, algorithm, extractable, usages, secret) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#algorithm = algorithm;
        this.#extractable = extractable;
        this.#usages = usages;
        this.#secret = secret;
    }

    get type() {
        void this.#secret;
        return 'secret';
    }

    get extractable() {
        return this.#extractable;
    }

    get algorithm() {
        return this.#algorithm;
    }

    get usages() {
        return this.#usages;
    }

    static {
        exports.isKey = (value) => typeof value === 'object' && value !== null && #secret in value;
        exports.secretOf = (key) => key.#secret;
    }
}
defineInterface(CryptoKey);
const { isKey, secretOf } = exports;

class SubtleCrypto {
    constructor(token = undefined) {
        if (token !== made) throw new TypeError('Illegal constructor');
    }

    async digest(algorithm, data) {
        needArguments(arguments.length, 2, 'SubtleCrypto.digest');
        const { hash } = toHash(algorithm);
        return exactBuffer(native.hash(hash.native, toBytes(data)));
    }

    async importKey(format, keyData, algorithm, extractable, keyUsages) {
        needArguments(arguments.length, 5, 'SubtleCrypto.importKey');
        const { name } = toHmac(algorithm);
        const usages = toUsages(keyUsages);
        let secret;
        if (format === 'raw') secret = toBytes(keyData).slice();
        else if (format === 'jwk') secret = fromJwk(keyData);
        else throw unsupported(`The key format '${format}'`);
        if (secret.length === 0) throw new DOMException('An HMAC key must not be empty.', 'DataError');
        return createKey(name, secret, Boolean(extractable), usages);
    }

    async generateKey(algorithm, extractable, keyUsages) {
        needArguments(arguments.length, 3, 'SubtleCrypto.generateKey');
        const { name, hash } = toHmac(algorithm);
        const usages = toUsages(keyUsages);
        const bits = algorithm.length === undefined ? hash.block * 8 : Number(algorithm.length);
        if (!(bits > 0) || bits % 8 !== 0)
            throw new DOMException('The length must be a multiple of 8 bits.', 'OperationError');
        const secret = new Uint8Array(bits / 8);
        host.randomFill(secret);
        return createKey(name, secret, Boolean(extractable), usages);
    }

    async exportKey(format, key) {
        needArguments(arguments.length, 2, 'SubtleCrypto.exportKey');
        const secret = secretOf(key);
        if (!key.extractable) throw new DOMException('The key is not extractable.', 'InvalidAccessError');
        if (format === 'raw') return secret.slice().buffer;
        if (format !== 'jwk') throw unsupported(`The key format '${format}'`);
        const k = text.base64Encode(secret, true).replace(/=+$/, '');
        return { kty: 'oct', k, alg: `HS${key.algorithm.hash.name.slice(4)}`, key_ops: [...key.usages], ext: true };
    }

    async sign(algorithm, key, data) {
        needArguments(arguments.length, 3, 'SubtleCrypto.sign');
        return exactBuffer(mac(algorithm, key, 'sign', toBytes(data)));
    }

    async verify(algorithm, key, signature, data) {
        needArguments(arguments.length, 4, 'SubtleCrypto.verify');
        const given = toBytes(signature);
        const right = mac(algorithm, key, 'verify', toBytes(data));
        if (given.length !== right.length) return false;
        // As long for a wrong first byte as for a wrong last one.
        let difference = 0;
        for (let index = 0; index < right.length; index++) difference |= given[index] ^ right[index];
        return difference === 0;
    }
}
for (const name of ['encrypt', 'decrypt', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey']) {
    const method = {
        async [name]() {
            throw unsupported(`SubtleCrypto.${name}`);
        },
    };
    Object.defineProperty(SubtleCrypto.prototype, name, { value: method[name], configurable: true, writable: true });
}
defineInterface(SubtleCrypto);
defineInterface(Crypto);

function mac(algorithm, key, usage, data) {
    const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
    if (`${name}`.toUpperCase() !== 'HMAC') throw unsupported(`The algorithm ${name}`);
    if (!isKey(key)) throw new TypeError('The key must be a CryptoKey.');
    if (!key.usages.includes(usage)) throw new DOMException(`The key is not meant to ${usage}.`, 'InvalidAccessError');
    return native.hmac(HASHES.get(key.algorithm.hash.name).native, secretOf(key), data);
}

function createKey(name, secret, extractable, usages) {
    const algorithm = { name: 'HMAC', hash: { name }, length: secret.length * 8 };
    return new CryptoKey(made, algorithm, extractable, usages, secret);
}

function toHash(algorithm) {
    const name = `${typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm}`.toUpperCase();
    const hash = HASHES.get(name);
    if (hash === undefined) throw unsupported(`The hash ${name}`);
    return { name, hash };
}

function toHmac(algorithm) {
    if (typeof algorithm !== 'object' || algorithm === null || `${algorithm.name}`.toUpperCase() !== 'HMAC') {
        throw unsupported(`The algorithm ${algorithm?.name ?? algorithm}`);
    }
    if (algorithm.hash === undefined) throw new TypeError('HMAC needs a hash.');
    return toHash(algorithm.hash);
}

function toUsages(given) {
    const asked = [...given].map((usage) => `${usage}`);
    for (const usage of asked) {
        if (!USAGES.includes(usage)) throw new TypeError(`'${usage}' is no key usage.`);
        if (usage !== 'sign' && usage !== 'verify')
            throw new DOMException(`An HMAC key cannot ${usage}.`, 'SyntaxError');
    }
    if (asked.length === 0) throw new DOMException('A key needs at least one usage.', 'SyntaxError');
    return USAGES.filter((usage) => asked.includes(usage));
}

function fromJwk(jwk) {
    if (typeof jwk !== 'object' || jwk === null || jwk.kty !== 'oct' || typeof jwk.k !== 'string') {
        throw new DOMException("The JSON Web Key must have kty 'oct' and k.", 'DataError');
    }
    return text.base64Decode(jwk.k);
}

function toBytes(data) {
    const bytes = bytesOf(data);
    if (bytes === null) throw new TypeError('The data must be an ArrayBuffer or a view of one.');
    return bytes;
}

function exactBuffer(bytes) {
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function unsupported(what) {
    return new DOMException(
        `${what} is not supported here: SHA-1, SHA-256, SHA-384, SHA-512 and HMAC are.`,
        'NotSupportedError',
    );
}

exports.globals = { crypto: new Crypto(made), Crypto, CryptoKey, SubtleCrypto };
