// performance (High Resolution Time, User Timing): its origin is the moment this instance first asked, because the
// module itself is part of the image that all instances share. `start` may be called earlier in an instance's life.
'use strict';

const { defineInterface, needArguments, toDictionary, inspect } = require('web/idl');
const host = binding('host');

let origin = null; // { wall, monotonic } in milliseconds
let entries = [];

function start() {
    origin ??= { wall: host.now(), monotonic: host.monotonic() };
    return origin;
}

function now() {
    const { monotonic } = start();
    return host.monotonic() - monotonic;
}

const made = Symbol('made here');

class PerformanceEntry {
    #name;
    #entryType;
    #startTime;
    #duration;
    #detail;

    constructor(token = undefined, name, entryType, startTime, duration, detail) {
        if (token !== made) throw new TypeError('Illegal constructor');
        this.#name = name;
        this.#entryType = entryType;
        this.#startTime = startTime;
        this.#duration = duration;
        this.#detail = detail;
    }

    get name() {
        return this.#name;
    }

    get entryType() {
        return this.#entryType;
    }

    get startTime() {
        return this.#startTime;
    }

    get duration() {
        return this.#duration;
    }

    get detail() {
        return this.#detail;
    }

    toJSON() {
        const { name, entryType, startTime, duration, detail } = this;
        return { name, entryType, startTime, duration, detail };
    }

    [inspect](depth, options, show) {
        return `${this.constructor.name} ${show(this.toJSON(), options)}`;
    }
}
defineInterface(PerformanceEntry);

class PerformanceMark extends PerformanceEntry {
    constructor(name, options = undefined) {
        needArguments(arguments.length, 1, 'PerformanceMark');
        const given = toDictionary(options, 'PerformanceMark').startTime;
        const startTime = given === undefined ? now() : Number(given);
        if (!(startTime >= 0)) throw new TypeError('PerformanceMark: startTime must not be negative.');
        super(made, `${name}`, 'mark', startTime, 0, detailOf(options));
    }
}
defineInterface(PerformanceMark);

class PerformanceMeasure extends PerformanceEntry {}
defineInterface(PerformanceMeasure);

function detailOf(options) {
    const detail = options?.detail;
    // A user's own mark is rare: the module that copies it is looked up only then.
    return detail === undefined || detail === null ? null : require('web/clone').structuredClone(detail);
}

function timeOf(mark) {
    if (typeof mark === 'number') {
        if (mark < 0) throw new TypeError('Performance.measure: a time must not be negative.');
        return mark;
    }
    const found = entries.findLast((entry) => entry.entryType === 'mark' && entry.name === `${mark}`);
    if (found === undefined) {
        const { DOMException } = require('web/dom-exception');
        throw new DOMException(`There is no mark named '${mark}'.`, 'SyntaxError');
    }
    return found.startTime;
}

/** User Timing 3.1.3: which members go together; an object without any of them is none. */
function checkMeasure({ start: first, end: last, duration: length, detail }, endMark) {
    const times = [first, last, length].filter((value) => value !== undefined).length;
    if (times === 0 && detail === undefined) return;
    if (endMark !== undefined || times === 3 || (first === undefined && last === undefined)) {
        throw new TypeError('Performance.measure: the options need start, end, both, or one of them and duration.');
    }
}

class Performance {
    constructor(token = undefined) {
        if (token !== made) throw new TypeError('Illegal constructor');
    }

    get timeOrigin() {
        return start().wall;
    }

    now() {
        return now();
    }

    mark(name, options = undefined) {
        needArguments(arguments.length, 1, 'Performance.mark');
        const mark = new PerformanceMark(name, options);
        entries.push(mark);
        return mark;
    }

    measure(name, startOrOptions = undefined, endMark = undefined) {
        needArguments(arguments.length, 1, 'Performance.measure');
        const detailed = typeof startOrOptions === 'object' && startOrOptions !== null;
        const options = detailed ? startOrOptions : { start: startOrOptions, end: endMark };
        if (detailed) checkMeasure(options, endMark);
        const { start: first, end: last, duration: length } = options;
        let end;
        if (detailed && endMark !== undefined) end = timeOf(endMark);
        else if (last !== undefined) end = timeOf(last);
        else if (first !== undefined && length !== undefined) end = timeOf(first) + length;
        else end = now();
        let begin;
        if (first !== undefined) begin = timeOf(first);
        else if (last !== undefined && length !== undefined) begin = timeOf(last) - length;
        else begin = 0;
        const detail = detailed ? detailOf(startOrOptions) : null;
        const measure = new PerformanceMeasure(made, `${name}`, 'measure', begin, end - begin, detail);
        entries.push(measure);
        return measure;
    }

    clearMarks(name = undefined) {
        entries = entries.filter(
            (entry) => entry.entryType !== 'mark' || (name !== undefined && entry.name !== `${name}`),
        );
    }

    clearMeasures(name = undefined) {
        entries = entries.filter(
            (entry) => entry.entryType !== 'measure' || (name !== undefined && entry.name !== `${name}`),
        );
    }

    getEntries() {
        return entries.slice().sort((left, right) => left.startTime - right.startTime);
    }

    getEntriesByName(name, type = undefined) {
        return this.getEntries().filter(
            (entry) => entry.name === `${name}` && (type === undefined || entry.entryType === type),
        );
    }

    getEntriesByType(type) {
        return this.getEntries().filter((entry) => entry.entryType === `${type}`);
    }

    toJSON() {
        return { timeOrigin: this.timeOrigin };
    }
}
defineInterface(Performance);

exports.start = start;
exports.now = now;
exports.globals = {
    performance: new Performance(made),
    Performance,
    PerformanceEntry,
    PerformanceMark,
    PerformanceMeasure,
};
