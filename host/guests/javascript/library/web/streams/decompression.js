// DecompressionStream (Compression), and the codings of HTTP answers. The input is gathered and decompressed at once,
// by the code that `node:zlib` uses; compressing is not there.
'use strict';

const { defineInterface, needArguments, bytesOf } = require('web/idl');
const { Transform } = require('web/streams/transform');
const readables = require('web/streams/readable');
const writables = require('web/streams/writable');

const OUTPUT_LIMIT = 2 ** 31 - 1;
const FORMATS = { __proto__: null, gzip: 'gunzip', deflate: 'inflate', 'deflate-raw': 'inflateRaw' };

function decompress(method, chunks) {
    const input = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
        input.set(chunk, at);
        at += chunk.length;
    }
    const output = require('node/internal/inflate')[method](input, OUTPUT_LIMIT);
    return output.length === 0 ? null : new Uint8Array(output.buffer, output.byteOffset, output.byteLength);
}

class DecompressionStream {
    #readable;
    #writable;

    constructor(format) {
        needArguments(arguments.length, 1, 'DecompressionStream');
        const method = FORMATS[`${format}`];
        if (method === undefined) {
            throw new TypeError(`DecompressionStream: '${format}' is none of gzip, deflate and deflate-raw.`);
        }
        const chunks = [];
        const inside = new Transform({
            transform(chunk) {
                const bytes = bytesOf(chunk);
                if (bytes === null) throw new TypeError('A chunk must be an ArrayBuffer or a view of one.');
                chunks.push(bytes.slice());
            },
            flush() {
                let output;
                try {
                    output = decompress(method, chunks);
                } catch (error) {
                    throw new TypeError(`The compressed data is not valid: ${error.message}`, { cause: error });
                }
                if (output !== null) inside.enqueue(output);
            },
        });
        inside.begin();
        this.#readable = readables.wrap(inside.readable);
        this.#writable = writables.wrap(inside.writable);
    }

    get readable() {
        return this.#readable;
    }

    get writable() {
        return this.#writable;
    }
}
defineInterface(DecompressionStream);

/** The body of an answer in one of the codings that `decoderOf` knows: as a source of chunks like the one it reads. */
class DecodedBody {
    #source;
    #method;
    #done = false;

    constructor(source, method) {
        this.#source = source;
        this.#method = method;
    }

    async read() {
        if (this.#done) return null;
        this.#done = true;
        const chunks = [];
        for (let chunk = await this.#source.read(); chunk !== null; chunk = await this.#source.read())
            chunks.push(chunk);
        if (chunks.length === 0) return null;
        let method = this.#method;
        // RFC 9110 8.4.1.2: some senders of deflate leave the zlib header out.
        if (method === 'inflate' && (chunks[0][0] & 15) !== 8) method = 'inflateRaw';
        try {
            return decompress(method, chunks);
        } catch (error) {
            throw new TypeError('terminated', { cause: error });
        }
    }

    cancel() {
        this.#source.cancel();
    }
}

const CODINGS = { __proto__: null, gzip: 'gunzip', 'x-gzip': 'gunzip', deflate: 'inflate' };

/** A source of the decoded content where `coding` (a value of content-encoding) is known, else the source itself. */
exports.decoded = (source, coding) => {
    const method = coding === undefined ? undefined : CODINGS[coding.trim().toLowerCase()];
    return method === undefined ? source : new DecodedBody(source, method);
};
exports.globals = { DecompressionStream };
