// Queuing strategies (Streams 7) and the queue with sizes that they fill.
'use strict';

const { defineInterface, needArguments } = require('web/idl');

class CountQueuingStrategy {
    #highWaterMark;

    constructor(init) {
        this.#highWaterMark = requiredMark(init, arguments.length, 'CountQueuingStrategy');
    }

    get highWaterMark() {
        return this.#highWaterMark;
    }

    get size() {
        void this.#highWaterMark;
        return countSize;
    }
}
defineInterface(CountQueuingStrategy);

class ByteLengthQueuingStrategy {
    #highWaterMark;

    constructor(init) {
        this.#highWaterMark = requiredMark(init, arguments.length, 'ByteLengthQueuingStrategy');
    }

    get highWaterMark() {
        return this.#highWaterMark;
    }

    get size() {
        void this.#highWaterMark;
        return byteLengthSize;
    }
}
defineInterface(ByteLengthQueuingStrategy);

const { size: countSize } = { size: () => 1 };
const { size: byteLengthSize } = { size: (chunk) => chunk.byteLength };

function requiredMark(init, given, name) {
    needArguments(given, 1, name);
    if (typeof init !== 'object' || init === null || init.highWaterMark === undefined) {
        throw new TypeError(`${name}: an object with highWaterMark is required.`);
    }
    return Number(init.highWaterMark);
}

/**
 * What a stream needs of a strategy given to it: `{ mark, size }`, where `size` is null when every chunk counts one.
 */
function readStrategy(strategy, defaultMark) {
    if (strategy === undefined || strategy === null) return { mark: defaultMark, size: null };
    const { highWaterMark, size } = strategy;
    const mark = highWaterMark === undefined ? defaultMark : Number(highWaterMark);
    if (size !== undefined && typeof size !== 'function') {
        throw new TypeError('The size of a queuing strategy must be a function.');
    }
    if (Number.isNaN(mark) || mark < 0) throw new RangeError(`The highWaterMark ${highWaterMark} is not valid.`);
    return { mark, size: size === undefined ? null : (chunk) => size(chunk) };
}

/** Chunks in order, with the sum of their sizes. */
class ChunkQueue {
    #entries = [];
    #head = 0;
    total = 0;

    get length() {
        return this.#entries.length - this.#head;
    }

    push(chunk, size) {
        const number = Number(size);
        if (Number.isNaN(number) || number < 0 || number === Infinity) {
            throw new RangeError(`The size of a chunk must be a finite number that is not negative, not ${size}.`);
        }
        this.#entries.push({ chunk, size: number });
        this.total += number;
    }

    peek() {
        return this.#entries[this.#head].chunk;
    }

    shift() {
        const { chunk, size } = this.#entries[this.#head];
        this.#entries[this.#head++] = undefined;
        // Rounding errors must not leave a queue below nothing.
        this.total = Math.max(0, this.total - size);
        if (this.#head === this.#entries.length) {
            this.#entries = [];
            this.#head = 0;
        } else if (this.#head > 1024) {
            this.#entries.splice(0, this.#head);
            this.#head = 0;
        }
        return chunk;
    }

    clear() {
        this.#entries = [];
        this.#head = 0;
        this.total = 0;
    }
}

exports.readStrategy = readStrategy;
exports.ChunkQueue = ChunkQueue;
exports.globals = { CountQueuingStrategy, ByteLengthQueuingStrategy };
