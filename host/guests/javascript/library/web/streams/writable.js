// WritableStream with its writer and controller (Streams 5).
'use strict';

const { defineInterface, needArguments } = require('web/idl');
const { promised } = require('web/streams/promises');
const { readStrategy } = require('web/streams/strategies');
const { Writable, WritableControl, Writer } = require('web/streams/writable-core');

const { apply } = Reflect;
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
            write: write && ((chunk) => apply(write, sink, [chunk, controller])),
            close: close && (() => apply(close, sink, [])),
            abort: abort && ((reason) => apply(abort, sink, [reason])),
        };
        const control = new WritableControl(writable, steps, readStrategy(strategy, 1));
        controller = new WritableStreamDefaultController(made, control);
        control.begin(start && apply(start, sink, [controller]));
    }

    get locked() {
        return this.#writable.writer !== null;
    }

    abort(reason = undefined) {
        return promised(() => {
            if (this.#writable.writer !== null)
                throw new TypeError('The stream is locked: its writer has to abort it.');
            return this.#writable.abort(reason);
        });
    }

    close() {
        return promised(() => {
            if (this.#writable.writer !== null)
                throw new TypeError('The stream is locked: its writer has to close it.');
            if (this.#writable.closing) throw new TypeError('The stream is closing already.');
            return this.#writable.close();
        });
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

    constructor(token = undefined, control) {
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
        return promised(() => this.#writer.closed.promise);
    }

    get ready() {
        return promised(() => this.#writer.ready.promise);
    }

    get desiredSize() {
        return attached(this.#writer).desiredSize;
    }

    abort(reason = undefined) {
        return promised(() => attached(this.#writer).writable.abort(reason));
    }

    close() {
        return promised(() => attached(this.#writer).close());
    }

    write(chunk = undefined) {
        return promised(() => attached(this.#writer).write(chunk));
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
