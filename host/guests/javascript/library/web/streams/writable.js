// WritableStream with its writer and controller (Streams 5).
'use strict';

const { defineInterface, needArguments } = require('web/idl');
const { readStrategy } = require('web/streams/strategies');
const { Writable, WritableControl, Writer } = require('web/streams/writable-core');

const made = Symbol('made here');
let wrap;
let writableOf;

class WritableStream {
    #writable;

    constructor(sink = undefined, strategy = undefined) {
        if (sink === made) {
            this.#writable = strategy;
            return;
        }
        const { write, close, abort, start, type } = readSink(sink);
        if (type !== undefined) throw new RangeError('A sink must not have a type.');
        const writable = (this.#writable = new Writable());
        let controller;
        const steps = {
            write: write && ((chunk) => write.call(sink, chunk, controller)),
            close: close && (() => close.call(sink)),
            abort: abort && ((reason) => abort.call(sink, reason)),
        };
        const control = new WritableControl(writable, steps, readStrategy(strategy, 1));
        controller = new WritableStreamDefaultController(made, control);
        control.begin(start?.call(sink, controller));
    }

    get locked() {
        return this.#writable.writer !== null;
    }

    async abort(reason = undefined) {
        if (this.#writable.writer !== null) throw new TypeError('The stream is locked: its writer has to abort it.');
        return this.#writable.abort(reason);
    }

    async close() {
        if (this.#writable.writer !== null) throw new TypeError('The stream is locked: its writer has to close it.');
        if (this.#writable.closing) throw new TypeError('The stream is closing already.');
        return this.#writable.close();
    }

    getWriter() {
        return new WritableStreamDefaultWriter(this);
    }

    static {
        writableOf = (stream) => stream.#writable;
        wrap = (writable) => new WritableStream(made, writable);
        exports.isWritableStream = (value) => typeof value === 'object' && value !== null && #writable in value;
    }
}
defineInterface(WritableStream);

function readSink(sink) {
    if (sink === undefined) return {};
    if (sink === null || (typeof sink !== 'object' && typeof sink !== 'function'))
        throw new TypeError('A sink must be an object.');
    const { abort, close, start, type, write } = sink;
    for (const [name, step] of Object.entries({ abort, close, start, write })) {
        if (step !== undefined && typeof step !== 'function')
            throw new TypeError(`The ${name} of a sink must be a function.`);
    }
    return { abort, close, start, type, write };
}

class WritableStreamDefaultController {
    #control;

    constructor(token, control) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#control = control;
    }

    get signal() {
        return this.#control.signal;
    }

    error(reason = undefined) {
        this.#control.error(reason);
    }
}
defineInterface(WritableStreamDefaultController);

class WritableStreamDefaultWriter {
    #writer;

    constructor(stream) {
        needArguments(arguments.length, 1, 'WritableStreamDefaultWriter');
        this.#writer = new Writer(writableOf(stream));
    }

    get closed() {
        if (!(typeof this === 'object' && #writer in this)) return Promise.reject(new TypeError('This is no writer.'));
        return this.#writer.closed.promise;
    }

    get ready() {
        if (!(typeof this === 'object' && #writer in this)) return Promise.reject(new TypeError('This is no writer.'));
        return this.#writer.ready.promise;
    }

    get desiredSize() {
        return attached(this.#writer).desiredSize;
    }

    async abort(reason = undefined) {
        return attached(this.#writer).writable.abort(reason);
    }

    async close() {
        return attached(this.#writer).close();
    }

    async write(chunk = undefined) {
        return attached(this.#writer).write(chunk);
    }

    releaseLock() {
        if (this.#writer.writable !== null) this.#writer.release();
    }
}
defineInterface(WritableStreamDefaultWriter);

function attached(writer) {
    if (writer.writable === null) throw new TypeError('The writer was released.');
    return writer;
}

exports.wrap = wrap;
exports.writableOf = writableOf;
exports.globals = { WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter };
