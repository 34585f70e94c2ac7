// The public readers of readable streams (Streams 4.4, 4.5).
'use strict';

const { defineInterface, needArguments, toDictionary, toEnforcedInteger } = require('web/idl');
const { promised } = require('web/streams/promises');
const { Reader } = require('web/streams/readable-core');
const { ByteControl } = require('web/streams/byte-control');

let readableOf; // set by web/streams/readable

/** A read whose answer goes to a promise. */
class PromisedRead {
    constructor(resolve, reject) {
        this.resolve = resolve;
        this.error = reject;
    }

    chunk(value) {
        this.resolve({ value, done: false });
    }

    close(value) {
        this.resolve({ value, done: true });
    }
}

class ReadableStreamDefaultReader {
    #reader;

    constructor(stream) {
        needArguments(arguments.length, 1, 'ReadableStreamDefaultReader');
        this.#reader = new Reader(readableOf(stream));
    }

    get closed() {
        return promised(() => this.#reader.closed.promise);
    }

    cancel(reason = undefined) {
        return promised(() => attached(this.#reader).cancel(reason));
    }

    read() {
        return new Promise((resolve, reject) => {
            attached(this.#reader);
            this.#reader.read(new PromisedRead(resolve, reject));
        });
    }

    releaseLock() {
        if (this.#reader.readable !== null) this.#reader.release();
    }
}
defineInterface(ReadableStreamDefaultReader);

class ReadableStreamBYOBReader {
    #reader;

    constructor(stream) {
        needArguments(arguments.length, 1, 'ReadableStreamBYOBReader');
        const readable = readableOf(stream);
        if (!(readable.control instanceof ByteControl)) {
            throw new TypeError('Only a byte stream can be read into buffers of the reader.');
        }
        this.#reader = new Reader(readable, true);
    }

    get closed() {
        return promised(() => this.#reader.closed.promise);
    }

    cancel(reason = undefined) {
        return promised(() => attached(this.#reader).cancel(reason));
    }

    read(view, options = undefined) {
        return new Promise((resolve, reject) => {
            needArguments(arguments.length, 1, 'ReadableStreamBYOBReader.read');
            const min = checkView(view, toDictionary(options, 'ReadableStreamBYOBReader.read').min);
            const readable = attached(this.#reader);
            readable.disturbed = true;
            if (readable.state === 'errored') reject(readable.storedError);
            else readable.control.readInto(view, min, new PromisedRead(resolve, reject));
        });
    }

    releaseLock() {
        if (this.#reader.readable !== null) this.#reader.release();
    }
}
defineInterface(ReadableStreamBYOBReader);

/** The least number of elements to read; throws when the view can't take them. */
function checkView(view, least) {
    if (!ArrayBuffer.isView(view)) throw new TypeError('The place to read into must be a view of an ArrayBuffer.');
    if (view.byteLength === 0) throw new TypeError('The place to read into must not be empty.');
    const min = least === undefined ? 1 : toEnforcedInteger(least, 'ReadableStreamBYOBReader.read');
    if (min === 0) throw new TypeError('At least one element has to be asked for.');
    if (min > (view instanceof DataView ? view.byteLength : view.length)) {
        throw new RangeError('More elements are asked for than the view holds.');
    }
    return min;
}

function attached(reader) {
    if (reader.readable === null) throw new TypeError('The reader was released.');
    return reader.readable;
}

exports.PromisedRead = PromisedRead;
exports.ReadableStreamDefaultReader = ReadableStreamDefaultReader;
exports.ReadableStreamBYOBReader = ReadableStreamBYOBReader;
/** How the readers get at the inside of a stream; throws a TypeError for anything else. */
exports.setAccess = (access) => {
    readableOf = access;
};
exports.globals = { ReadableStreamDefaultReader, ReadableStreamBYOBReader };
