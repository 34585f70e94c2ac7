// TextEncoderStream and TextDecoderStream (Encoding 8): text to bytes and back, across the borders of chunks.
'use strict';

const { defineInterface, bytesOf } = require('web/idl');
const { TextDecoder } = require('web/encoding');
const { Transform } = require('web/streams/transform');
const readables = require('web/streams/readable');
const writables = require('web/streams/writable');
const text = binding('text');

class TextEncoderStream {
    #readable;
    #writable;

    constructor() {
        let pending = ''; // a high surrogate whose other half may come with the next chunk
        const inside = new Transform({
            transform(chunk) {
                let input = pending + `${chunk}`;
                pending = '';
                const last = input.charCodeAt(input.length - 1);
                if (last >= 0xd800 && last < 0xdc00) {
                    pending = input.slice(-1);
                    input = input.slice(0, -1);
                }
                if (input !== '') inside.enqueue(text.utf8Encode(input.toWellFormed()));
            },
            flush() {
                if (pending !== '') inside.enqueue(text.utf8Encode('\ufffd'));
            },
        });
        inside.begin();
        this.#readable = readables.wrap(inside.readable);
        this.#writable = writables.wrap(inside.writable);
    }

    get encoding() {
        void this.#readable;
        return 'utf-8';
    }

    get readable() {
        return this.#readable;
    }

    get writable() {
        return this.#writable;
    }
}
defineInterface(TextEncoderStream);

class TextDecoderStream {
    #decoder;
    #readable;
    #writable;

    constructor(label = 'utf-8', options = undefined) {
        const decoder = (this.#decoder = new TextDecoder(label, options));
        const inside = new Transform({
            transform(chunk) {
                if (bytesOf(chunk) === null) throw new TypeError('A chunk must be an ArrayBuffer or a view of one.');
                const decoded = decoder.decode(chunk, { stream: true });
                if (decoded !== '') inside.enqueue(decoded);
            },
            flush() {
                const decoded = decoder.decode();
                if (decoded !== '') inside.enqueue(decoded);
            },
        });
        inside.begin();
        this.#readable = readables.wrap(inside.readable);
        this.#writable = writables.wrap(inside.writable);
    }

    get encoding() {
        return this.#decoder.encoding;
    }

    get fatal() {
        return this.#decoder.fatal;
    }

    get ignoreBOM() {
        return this.#decoder.ignoreBOM;
    }

    get readable() {
        return this.#readable;
    }

    get writable() {
        return this.#writable;
    }
}
defineInterface(TextDecoderStream);

exports.globals = { TextEncoderStream, TextDecoderStream };
