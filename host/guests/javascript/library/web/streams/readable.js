// ReadableStream (Streams 4.2): the public shell around `Readable`, with async iteration and streams of known bytes.
'use strict';

const { defineInterface, needArguments, toDictionary, toEnforcedInteger, inspect } = require('web/idl');
const { isAbortSignal } = require('web/abort');
const { handled, promised } = require('web/streams/promises');
const { readStrategy } = require('web/streams/strategies');
const { Readable, Reader, DefaultControl, createReadable } = require('web/streams/readable-core');
const { ByteControl } = require('web/streams/byte-control');
const { createDefaultController, createByteController, createRequest } = require('web/streams/controllers');
const { ReadableStreamDefaultReader, ReadableStreamBYOBReader, setAccess } = require('web/streams/readers');
const { tee } = require('web/streams/tee');
const { pipe } = require('web/streams/pipe');
const { isWritableStream, writableOf } = require('web/streams/writable');

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));
const { apply } = Reflect;
const made = Symbol('made here');
let wrap;
let readableOf;

class ReadableStream {
    #readable;

    constructor(source = undefined, strategy = undefined) {
        if (source === made) this.#readable = strategy;
        else setUp((this.#readable = new Readable()), source, strategy);
    }

    static from(iterable) {
        needArguments(arguments.length, 1, 'ReadableStream.from');
        const readable = createReadable(iteratorSource(iterable, () => readable.control));
        return wrap(readable);
    }

    get locked() {
        return this.#readable.reader !== null;
    }

    cancel(reason = undefined) {
        return promised(() => {
            if (this.#readable.reader !== null)
                throw new TypeError('The stream is locked: its reader has to cancel it.');
            return this.#readable.cancel(reason);
        });
    }

    getReader(options = undefined) {
        const { mode } = toDictionary(options, 'ReadableStream.getReader');
        if (mode === undefined) return new ReadableStreamDefaultReader(this);
        if (`${mode}` !== 'byob')
            throw new TypeError(`ReadableStream.getReader: the mode must be 'byob', not '${mode}'.`);
        return new ReadableStreamBYOBReader(this);
    }

    pipeThrough(transform, options = undefined) {
        needArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
        const { readable, writable } = transform;
        if (!isReadableStream(readable))
            throw new TypeError('ReadableStream.pipeThrough: readable must be a ReadableStream.');
        if (!isWritableStream(writable))
            throw new TypeError('ReadableStream.pipeThrough: writable must be a WritableStream.');
        const checked = pipeOptions(options);
        if (this.locked) throw new TypeError('ReadableStream.pipeThrough: the stream is locked.');
        if (writable.locked) throw new TypeError('ReadableStream.pipeThrough: the writable stream is locked.');
        handled(pipe(this.#readable, writableOf(writable), checked));
        return readable;
    }

    pipeTo(destination, options = undefined) {
        return promised(() => {
            needArguments(arguments.length, 1, 'ReadableStream.pipeTo');
            if (!isWritableStream(destination)) {
                throw new TypeError('ReadableStream.pipeTo: the target must be a WritableStream.');
            }
            const checked = pipeOptions(options);
            if (this.locked) throw new TypeError('ReadableStream.pipeTo: the stream is locked.');
            if (destination.locked) throw new TypeError('ReadableStream.pipeTo: the target is locked.');
            return pipe(this.#readable, writableOf(destination), checked);
        });
    }

    tee() {
        return tee(this.#readable).map(wrap);
    }

    values(options = undefined) {
        const { preventCancel } = toDictionary(options, 'ReadableStream.values');
        return new ReadableStreamAsyncIterator(this.#readable, Boolean(preventCancel));
    }

    [inspect](depth, options, show) {
        const { locked } = this;
        return `ReadableStream ${show({ locked, state: this.#readable.state }, options)}`;
    }

    static {
        readableOf = (stream) => stream.#readable;
        wrap = (readable) => new ReadableStream(made, readable);
        setAccess((stream) => stream.#readable);
    }
}
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
    value: ReadableStream.prototype.values,
    configurable: true,
    writable: true,
});
defineInterface(ReadableStream);

function isReadableStream(value) {
    if (!(value instanceof ReadableStream)) return false;
    readableOf(value);
    return true;
}

function setUp(readable, source, strategy) {
    const steps = readSource(source);
    const { start, pull, cancel, type, autoAllocateChunkSize } = steps;
    let controller;
    const algorithms = {
        pull: pull && (() => apply(pull, source, [controller])),
        cancel: cancel && ((reason) => apply(cancel, source, [reason])),
    };
    if (type === undefined) {
        new DefaultControl(readable, algorithms, readStrategy(strategy, 1));
        controller = createDefaultController(readable.control);
    } else {
        const { mark, size } = readStrategy(strategy, 0);
        if (size !== null) throw new RangeError('The strategy of a byte stream must not have a size function.');
        let autoAllocate = 0;
        if (autoAllocateChunkSize !== undefined) {
            autoAllocate = toEnforcedInteger(autoAllocateChunkSize, 'autoAllocateChunkSize');
            if (autoAllocate === 0) throw new TypeError('autoAllocateChunkSize must be greater than 0.');
        }
        new ByteControl(readable, { ...algorithms, autoAllocate, createRequest }, mark);
        controller = createByteController(readable.control);
    }
    readable.control.begin(start && apply(start, source, [controller]));
}

function readSource(source) {
    if (source === undefined) return {};
    if (source === null || (typeof source !== 'object' && typeof source !== 'function'))
        throw new TypeError('A source must be an object.');
    const { autoAllocateChunkSize, cancel, pull, start, type } = source;
    for (const [name, step] of Object.entries({ cancel, pull, start })) {
        if (step !== undefined && typeof step !== 'function')
            throw new TypeError(`The ${name} of a source must be a function.`);
    }
    if (type !== undefined && `${type}` !== 'bytes')
        throw new TypeError(`The type of a source must be 'bytes', not '${type}'.`);
    return { autoAllocateChunkSize, cancel, pull, start, type };
}

function pipeOptions(options) {
    const { preventAbort, preventCancel, preventClose, signal } = toDictionary(options, 'The options of a pipe');
    if (signal !== undefined && !isAbortSignal(signal))
        throw new TypeError('The signal of a pipe must be an AbortSignal.');
    return {
        preventAbort: Boolean(preventAbort),
        preventCancel: Boolean(preventCancel),
        preventClose: Boolean(preventClose),
        signal,
    };
}

function iteratorSource(iterable, control) {
    let iterator;
    let sync = false;
    const asyncMethod = iterable[Symbol.asyncIterator];
    if (asyncMethod !== undefined && asyncMethod !== null) {
        iterator = apply(asyncMethod, iterable, []);
    } else {
        const method = iterable[Symbol.iterator];
        if (typeof method !== 'function') throw new TypeError('ReadableStream.from: the argument is not iterable.');
        iterator = apply(method, iterable, []);
        sync = true;
    }
    if (typeof iterator !== 'object' || iterator === null) throw new TypeError('The iterator must be an object.');
    const { next } = iterator;
    return {
        async pull() {
            const result = await apply(next, iterator, []);
            if (typeof result !== 'object' || result === null)
                throw new TypeError('The result of next must be an object.');
            if (result.done) control().close();
            else control().enqueue(sync ? await result.value : result.value);
        },
        async cancel(reason) {
            const method = iterator.return;
            if (method === undefined || method === null) return;
            const result = await apply(method, iterator, [reason]);
            if (typeof result !== 'object' || result === null)
                throw new TypeError('The result of return must be an object.');
        },
    };
}

class ReadableStreamAsyncIterator {
    #reader;
    #preventCancel;
    #finished = false;
    #ongoing = null;

    constructor(readable, preventCancel) {
        this.#reader = new Reader(readable);
        this.#preventCancel = preventCancel;
    }

    next() {
        const step = () => this.#read();
        this.#ongoing = this.#ongoing === null ? step() : this.#ongoing.then(step, step);
        return this.#ongoing;
    }

    return(value) {
        const step = () => this.#stop(value);
        this.#ongoing = this.#ongoing === null ? step() : this.#ongoing.then(step, step);
        return this.#ongoing;
    }

    #read() {
        if (this.#finished) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve, reject) => {
            this.#reader.read({
                chunk: (value) => resolve({ value, done: false }),
                close: () => {
                    this.#finish();
                    resolve({ value: undefined, done: true });
                },
                error: (reason) => {
                    this.#finish();
                    reject(reason);
                },
            });
        });
    }

    async #stop(value) {
        if (this.#finished) return { value, done: true };
        this.#finished = true;
        const { readable } = this.#reader;
        const canceled = this.#preventCancel ? undefined : readable.cancel(value);
        this.#reader.release();
        await canceled;
        return { value, done: true };
    }

    #finish() {
        this.#finished = true;
        this.#reader.release();
    }
}
delete ReadableStreamAsyncIterator.prototype.constructor;
Object.setPrototypeOf(ReadableStreamAsyncIterator.prototype, AsyncIteratorPrototype);

/** A byte stream of bytes that are all there; each reader gets its own copy. */
function createBytesStream(bytes, piece = 65536) {
    const readable = new Readable();
    let at = 0;
    const control = new ByteControl(
        readable,
        {
            createRequest,
            pull() {
                if (at < bytes.length) {
                    control.enqueue(bytes.slice(at, (at += piece)));
                    if (at < bytes.length) return;
                }
                control.close();
                if (readable.state === 'closed' && control.pullIntos.length > 0) control.respond(0);
            },
        },
        0,
    );
    control.begin();
    return wrap(readable);
}

exports.ReadableStream = ReadableStream;
exports.isReadableStream = isReadableStream;
exports.readableOf = readableOf;
exports.wrap = wrap;
exports.createBytesStream = createBytesStream;
exports.globals = { ReadableStream };
