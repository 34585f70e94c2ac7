// One readable stream becomes two (Streams 4.9.1, ReadableStreamTee). Both branches are byte streams when the source
// is one.
'use strict';

const { Deferred } = require('web/streams/promises');
const { Readable, Reader, DefaultControl } = require('web/streams/readable-core');
const { ByteControl } = require('web/streams/byte-control');
const { createRequest } = require('web/streams/controllers');

/** Two readables; `copyChunk`, when given, makes the second branch's own copy of a chunk. */
function tee(source, copyChunk = null) {
    const reader = new Reader(source);
    const bytes = source.control instanceof ByteControl;
    const split = new Split(source, reader, bytes ? (chunk) => chunk.slice() : copyChunk);
    for (const branch of split.branches) {
        const steps = { pull: () => split.pull(), cancel: (reason) => split.cancel(branch, reason), createRequest };
        if (bytes) new ByteControl(branch.readable, steps, 0);
        else new DefaultControl(branch.readable, steps, { mark: 1, size: null });
        branch.readable.control.begin();
    }
    return split.branches.map((branch) => branch.readable);
}

class Split {
    branches = [0, 1].map(() => ({ readable: new Readable(), canceled: false, reason: undefined }));
    #cancellation = new Deferred();
    #reading = false;
    #again = false;

    constructor(source, reader, copyChunk) {
        this.source = source;
        this.reader = reader;
        this.copyChunk = copyChunk;
        reader.closed.promise.then(undefined, (error) => {
            for (const { readable } of this.branches) readable.control.error(error);
            this.#finish();
        });
    }

    pull() {
        if (this.#reading) this.#again = true;
        else this.#read();
    }

    cancel(branch, reason) {
        branch.canceled = true;
        branch.reason = reason;
        if (this.branches.every(({ canceled }) => canceled)) {
            this.#cancellation.resolve(this.source.cancel(this.branches.map((one) => one.reason)));
        }
        return this.#cancellation.promise;
    }

    #read() {
        this.#reading = true;
        this.reader.read({
            // A tick later, so that an error of the source that comes with the chunk comes first.
            chunk: (chunk) => void Promise.resolve().then(() => this.#give(chunk)),
            close: () => {
                this.#reading = false;
                for (const { readable, canceled } of this.branches) {
                    if (canceled) continue;
                    readable.control.close();
                    if (readable.control.pullIntos?.length > 0) readable.control.respond(0);
                }
                this.#finish();
            },
            error: () => {
                this.#reading = false;
            },
        });
    }

    #give(chunk) {
        this.#again = false;
        let copy = chunk;
        if (this.copyChunk !== null && !this.branches[1].canceled) {
            try {
                copy = this.copyChunk(chunk);
            } catch (error) {
                for (const { readable } of this.branches) readable.control.error(error);
                this.#cancellation.resolve(this.source.cancel(error));
                return;
            }
        }
        this.branches.forEach(({ readable, canceled }, index) => {
            if (!canceled) readable.control.enqueue(index === 0 ? chunk : copy);
        });
        this.#reading = false;
        if (this.#again) this.#read();
    }

    // Who cancels one branch after the source ended gets an answer too.
    #finish() {
        if (this.branches.some(({ canceled }) => !canceled)) this.#cancellation.resolve();
    }
}

exports.tee = tee;
