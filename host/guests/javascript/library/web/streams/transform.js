// TransformStream (Streams 6): a writable and a readable stream with a function between them.
'use strict';

const { defineInterface } = require('web/idl');
const { Deferred, promised } = require('web/streams/promises');
const { readStrategy } = require('web/streams/strategies');
const { Readable, DefaultControl } = require('web/streams/readable-core');
const { Writable, WritableControl } = require('web/streams/writable-core');
const readables = require('web/streams/readable');
const writables = require('web/streams/writable');

/** The inside of a transform stream. `steps` are `transform(chunk)`, `flush()` and `cancel(reason)`, each optional. */
class Transform {
    readable = new Readable();
    writable = new Writable();
    #steps;
    #start = new Deferred();
    #backpressure = true;
    #change = new Deferred(); // resolved when the backpressure changes
    #finish = null;

    constructor(steps, writableStrategy = { mark: 1, size: null }, readableStrategy = { mark: 0, size: null }) {
        this.#steps = steps;
        const sink = {
            write: (chunk) => this.#write(chunk),
            close: () => this.#close(),
            abort: (reason) => this.#abort(reason),
        };
        const source = { pull: () => this.#pull(), cancel: (reason) => this.#cancel(reason) };
        new WritableControl(this.writable, sink, writableStrategy).begin(this.#start.promise);
        new DefaultControl(this.readable, source, readableStrategy).begin(this.#start.promise);
    }

    /** To be called once, with what the transformer's start returned. */
    begin(startResult) {
        this.#start.resolve(startResult);
    }

    enqueue(chunk) {
        const { control } = this.readable;
        if (!control.open) throw new TypeError('The readable side takes no more chunks.');
        try {
            control.enqueue(chunk);
        } catch (error) {
            this.#failWritable(error);
            throw this.readable.storedError;
        }
        if (!control.wantsMore !== this.#backpressure) this.#setBackpressure(true);
    }

    error(reason) {
        this.readable.control.error(reason);
        this.#failWritable(reason);
    }

    terminate() {
        this.readable.control.close();
        this.#failWritable(new TypeError('The transform stream was terminated.'));
    }

    #failWritable(reason) {
        this.#steps = {};
        this.writable.control.error(reason);
        this.#unblock();
    }

    #unblock() {
        if (this.#backpressure) this.#setBackpressure(false);
    }

    #setBackpressure(backpressure) {
        this.#change.resolve();
        this.#change = new Deferred();
        this.#backpressure = backpressure;
    }

    #pull() {
        this.#setBackpressure(false);
        return this.#change.promise;
    }

    async #write(chunk) {
        if (this.#backpressure) {
            await this.#change.promise;
            if (this.writable.state === 'erroring') throw this.writable.storedError;
        }
        const { transform } = this.#steps;
        try {
            if (transform === undefined) this.enqueue(chunk);
            else await transform(chunk);
        } catch (error) {
            this.error(error);
            throw error;
        }
    }

    #close() {
        return this.#end(
            (steps) => steps.flush?.(),
            () => {
                this.#throwIfErrored();
                this.readable.control.close();
            },
            (error) => this.readable.control.error(error),
        );
    }

    #abort(reason) {
        return this.#end(
            (steps) => steps.cancel?.(reason),
            () => {
                this.#throwIfErrored();
                this.readable.control.error(reason);
            },
            (error) => this.readable.control.error(error),
        );
    }

    #cancel(reason) {
        const fail = (error) => {
            this.writable.control.error(error);
            this.#unblock();
        };
        return this.#end(
            (steps) => steps.cancel?.(reason),
            () => {
                if (this.writable.state === 'errored') throw this.writable.storedError;
                fail(reason);
            },
            fail,
        );
    }

    #throwIfErrored() {
        if (this.readable.state === 'errored') throw this.readable.storedError;
    }

    // The last step of the transformer runs once, whichever side asks first.
    #end(step, succeed, fail) {
        if (this.#finish !== null) return this.#finish;
        const ending = new Deferred();
        this.#finish = ending.promise;
        const steps = this.#steps;
        const done = promised(() => step(steps));
        this.#steps = {};
        done.then(
            () => {
                try {
                    succeed();
                    ending.settle(undefined);
                } catch (error) {
                    ending.refuse(error);
                }
            },
            (error) => {
                fail(error);
                ending.refuse(error);
            },
        );
        return this.#finish;
    }
}

const { apply } = Reflect;
const made = Symbol('made here');

class TransformStreamDefaultController {
    #transform;

    constructor(token = undefined, transform) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#transform = transform;
    }

    get desiredSize() {
        return this.#transform.readable.control.desiredSize;
    }

    enqueue(chunk = undefined) {
        this.#transform.enqueue(chunk);
    }

    error(reason = undefined) {
        this.#transform.error(reason);
    }

    terminate() {
        this.#transform.terminate();
    }
}
defineInterface(TransformStreamDefaultController);

class TransformStream {
    #readable;
    #writable;

    constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
        const { cancel, flush, start, transform } = readTransformer(transformer);
        let controller;
        const steps = {
            transform: transform && ((chunk) => apply(transform, transformer, [chunk, controller])),
            flush: flush && (() => apply(flush, transformer, [controller])),
            cancel: cancel && ((reason) => apply(cancel, transformer, [reason])),
        };
        const readableSide = readStrategy(readableStrategy, 0);
        const inside = new Transform(steps, readStrategy(writableStrategy, 1), readableSide);
        this.#readable = readables.wrap(inside.readable);
        this.#writable = writables.wrap(inside.writable);
        controller = new TransformStreamDefaultController(made, inside);
        inside.begin(start && apply(start, transformer, [controller]));
    }

    get readable() {
        return this.#readable;
    }

    get writable() {
        return this.#writable;
    }
}
defineInterface(TransformStream);

function readTransformer(transformer) {
    if (transformer === undefined) return {};
    if (transformer === null || (typeof transformer !== 'object' && typeof transformer !== 'function')) {
        throw new TypeError('A transformer must be an object.');
    }
    const { cancel, flush, readableType, start, transform, writableType } = transformer;
    for (const [name, step] of Object.entries({ cancel, flush, start, transform })) {
        if (step !== undefined && typeof step !== 'function')
            throw new TypeError(`The ${name} of a transformer must be a function.`);
    }
    if (readableType !== undefined || writableType !== undefined)
        throw new RangeError('A transformer must not have types.');
    return { cancel, flush, start, transform };
}

exports.Transform = Transform;
exports.globals = { TransformStream, TransformStreamDefaultController };
