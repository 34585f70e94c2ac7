// `zlib`: decompression of gzip and deflate works (in JavaScript, the whole input at once); compression and Brotli do
// not.

const { Buffer } = require('node/buffer');
const { Transform } = require('node/stream');
const { nextTick } = require('internal/timers');
const inflater = require('node/internal/inflate');
const { functions } = require('node/internal/absent');
const { invalidArgType, validateFunction } = require('node/internal/errors');

const constants = Object.freeze({
    Z_NO_FLUSH: 0,
    Z_PARTIAL_FLUSH: 1,
    Z_SYNC_FLUSH: 2,
    Z_FULL_FLUSH: 3,
    Z_FINISH: 4,
    Z_BLOCK: 5,
    Z_TREES: 6,
    Z_OK: 0,
    Z_STREAM_END: 1,
    Z_NEED_DICT: 2,
    Z_ERRNO: -1,
    Z_STREAM_ERROR: -2,
    Z_DATA_ERROR: -3,
    Z_MEM_ERROR: -4,
    Z_BUF_ERROR: -5,
    Z_VERSION_ERROR: -6,
    Z_NO_COMPRESSION: 0,
    Z_BEST_SPEED: 1,
    Z_BEST_COMPRESSION: 9,
    Z_DEFAULT_COMPRESSION: -1,
    Z_FILTERED: 1,
    Z_HUFFMAN_ONLY: 2,
    Z_RLE: 3,
    Z_FIXED: 4,
    Z_DEFAULT_STRATEGY: 0,
    Z_DEFAULT_WINDOWBITS: 15,
    Z_MIN_WINDOWBITS: 8,
    Z_MAX_WINDOWBITS: 15,
    Z_MIN_CHUNK: 64,
    Z_MAX_CHUNK: Infinity,
    Z_DEFAULT_CHUNK: 16384,
    Z_MIN_MEMLEVEL: 1,
    Z_MAX_MEMLEVEL: 9,
    Z_DEFAULT_MEMLEVEL: 8,
    Z_MIN_LEVEL: -1,
    Z_MAX_LEVEL: 9,
    Z_DEFAULT_LEVEL: -1,
    DEFLATE: 1,
    INFLATE: 2,
    GZIP: 3,
    GUNZIP: 4,
    DEFLATERAW: 5,
    INFLATERAW: 6,
    UNZIP: 7,
    BROTLI_DECODE: 8,
    BROTLI_ENCODE: 9,
    BROTLI_OPERATION_PROCESS: 0,
    BROTLI_OPERATION_FLUSH: 1,
    BROTLI_OPERATION_FINISH: 2,
    BROTLI_OPERATION_EMIT_METADATA: 3,
    BROTLI_PARAM_MODE: 0,
    BROTLI_MODE_GENERIC: 0,
    BROTLI_MODE_TEXT: 1,
    BROTLI_PARAM_QUALITY: 1,
    BROTLI_MIN_QUALITY: 0,
    BROTLI_MAX_QUALITY: 11,
    BROTLI_DEFAULT_QUALITY: 11,
    BROTLI_PARAM_LGWIN: 2,
    BROTLI_PARAM_SIZE_HINT: 5,
});

function bytesOf(input) {
    if (typeof input === 'string') return Buffer.from(input);
    if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    if (input instanceof ArrayBuffer) return new Uint8Array(input);
    throw invalidArgType('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], input);
}

function decompress(name, input, options) {
    const out = inflater[name](bytesOf(input), options?.maxOutputLength ?? 0x7fffffff);
    return Buffer.from(out.buffer, out.byteOffset, out.byteLength);
}

module.exports = {
    constants,
    codes: Object.freeze({ Z_OK: 0, Z_STREAM_END: 1, Z_DATA_ERROR: -3, Z_BUF_ERROR: -5 }),
    ...constants,
};
for (const name of ['gunzip', 'inflate', 'inflateRaw', 'unzip']) {
    const className = name[0].toUpperCase() + name.slice(1);

    /** Gathers all input and gives all output at its end. */
    function Decompressor(options) {
        if (!(this instanceof Decompressor)) return new Decompressor(options);
        const chunks = [];
        Transform.call(this, {
            ...options,
            transform(chunk, encoding, callback) {
                chunks.push(chunk);
                this.bytesWritten += chunk.length;
                callback();
            },
            flush(callback) {
                try {
                    callback(null, chunks.length === 0 ? undefined : decompress(name, Buffer.concat(chunks), options));
                } catch (error) {
                    callback(error);
                }
            },
        });
        this.bytesWritten = 0;
        return undefined;
    }
    Object.defineProperty(Decompressor, 'name', { value: className });
    Object.setPrototypeOf(Decompressor.prototype, Transform.prototype);
    Object.setPrototypeOf(Decompressor, Transform);
    module.exports[className] = Decompressor;
    module.exports[`create${className}`] = (options) => new Decompressor(options);
    module.exports[`${name}Sync`] = (input, options) => decompress(name, input, options);
    module.exports[name] = (input, options, callback) => {
        if (typeof options === 'function') [options, callback] = [undefined, options];
        validateFunction(callback, 'callback');
        let result;
        try {
            result = decompress(name, input, options);
        } catch (error) {
            nextTick(callback, error);
            return;
        }
        nextTick(callback, null, result);
    };
}
functions(
    module.exports,
    'zlib',
    [
        'brotliCompress',
        'brotliCompressSync',
        'brotliDecompress',
        'brotliDecompressSync',
        'createBrotliCompress',
        'createBrotliDecompress',
        'createDeflate',
        'createDeflateRaw',
        'createGzip',
        'deflate',
        'deflateRaw',
        'deflateRawSync',
        'deflateSync',
        'gzip',
        'gzipSync',
    ],
    'Only gunzip, inflate, inflateRaw and unzip are; to compress, bundle a package in JavaScript, for example pako.',
);

let table;

module.exports.crc32 = (data, value = 0) => {
    table ??= Int32Array.from({ length: 256 }, (_, n) => {
        for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
        return n;
    });
    let crc = ~value;
    for (const byte of bytesOf(data)) crc = table[(crc ^ byte) & 0xff] ^ crc >>> 8;
    return ~crc >>> 0;
};
