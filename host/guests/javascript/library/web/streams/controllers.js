// The controllers that the sources of readable streams are given (Streams 4.6 to 4.8): shells that check their
// arguments.
'use strict';

const { defineInterface, needArguments, toEnforcedInteger } = require('web/idl');

const made = Symbol('made here');

class ReadableStreamDefaultController {
    #control;

    constructor(token = undefined, control) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#control = control;
    }

    get desiredSize() {
        return this.#control.desiredSize;
    }

    close() {
        if (!this.#control.open) throw new TypeError('The stream is closed, or will be once its chunks are read.');
        this.#control.close();
    }

    enqueue(chunk = undefined) {
        if (!this.#control.open) throw new TypeError('The stream takes no more chunks.');
        this.#control.enqueue(chunk);
    }

    error(reason = undefined) {
        this.#control.error(reason);
    }
}
defineInterface(ReadableStreamDefaultController);

class ReadableByteStreamController {
    #control;

    constructor(token = undefined, control) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#control = control;
    }

    get byobRequest() {
        return this.#control.byobRequest;
    }

    get desiredSize() {
        return this.#control.desiredSize;
    }

    close() {
        if (!this.#control.open) throw new TypeError('The stream is closed, or will be once its chunks are read.');
        this.#control.close();
    }

    enqueue(chunk) {
        needArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
        if (!ArrayBuffer.isView(chunk))
            throw new TypeError('A chunk of a byte stream must be a view of an ArrayBuffer.');
        if (chunk.byteLength === 0) throw new TypeError('A chunk of a byte stream must not be empty.');
        if (!this.#control.open) throw new TypeError('The stream takes no more chunks.');
        this.#control.enqueue(chunk);
    }

    error(reason = undefined) {
        this.#control.error(reason);
    }
}
defineInterface(ReadableByteStreamController);

class ReadableStreamBYOBRequest {
    #control;
    #view;

    constructor(token = undefined, control, view) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#control = control;
        this.#view = view;
    }

    get view() {
        return this.#view;
    }

    respond(bytesWritten) {
        needArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
        const written = toEnforcedInteger(bytesWritten, 'ReadableStreamBYOBRequest.respond');
        this.#check(this.#view);
        this.#control.respond(written);
    }

    respondWithNewView(view) {
        needArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
        if (!ArrayBuffer.isView(view)) throw new TypeError('The answer must be a view of an ArrayBuffer.');
        this.#check(view);
        this.#control.respondWithNewView(view);
    }

    #check(view) {
        if (this.#control === null) throw new TypeError('This byobRequest was answered already.');
        if (view.buffer.detached) throw new TypeError('The buffer of the view was moved elsewhere.');
    }

    static {
        /** What a source is shown of a read, and how it is taken from it again. */
        exports.createRequest = (control, view) => {
            const shown = new ReadableStreamBYOBRequest(made, control, view);
            const invalidate = () => {
                shown.#control = null;
                shown.#view = null;
            };
            return { shown, invalidate };
        };
    }
}
defineInterface(ReadableStreamBYOBRequest);

exports.createDefaultController = (control) => new ReadableStreamDefaultController(made, control);
exports.createByteController = (control) => new ReadableByteStreamController(made, control);
exports.globals = { ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest };
