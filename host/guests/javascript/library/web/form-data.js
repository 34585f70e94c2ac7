// FormData (XHR 4.3): an ordered list of entries, each a string or a File.
'use strict';

const { defineInterface, definePairIterable, needArguments, toUSVString, inspect } = require('web/idl');
const { File, isBlob } = require('web/blob');

let entriesOf;

class FormData {
    #entries = [];

    constructor(form = undefined) {
        if (form !== undefined) throw new TypeError('FormData: there are no form elements here; pass nothing.');
    }

    append(name, value, filename = undefined) {
        needArguments(arguments.length, 2, 'FormData.append');
        this.#entries.push(toEntry(name, value, filename, arguments.length > 2));
    }

    delete(name) {
        needArguments(arguments.length, 1, 'FormData.delete');
        const key = toUSVString(name);
        this.#entries = this.#entries.filter((entry) => entry[0] !== key);
    }

    get(name) {
        needArguments(arguments.length, 1, 'FormData.get');
        const key = toUSVString(name);
        return this.#entries.find((entry) => entry[0] === key)?.[1] ?? null;
    }

    getAll(name) {
        needArguments(arguments.length, 1, 'FormData.getAll');
        const key = toUSVString(name);
        return this.#entries.filter((entry) => entry[0] === key).map((entry) => entry[1]);
    }

    has(name) {
        needArguments(arguments.length, 1, 'FormData.has');
        const key = toUSVString(name);
        return this.#entries.some((entry) => entry[0] === key);
    }

    set(name, value, filename = undefined) {
        needArguments(arguments.length, 2, 'FormData.set');
        const entry = toEntry(name, value, filename, arguments.length > 2);
        const first = this.#entries.findIndex((one) => one[0] === entry[0]);
        if (first < 0) {
            this.#entries.push(entry);
        } else {
            this.#entries = this.#entries.filter((one, index) => index <= first || one[0] !== entry[0]);
            this.#entries[first] = entry;
        }
    }

    [inspect](depth, options, show) {
        return `FormData ${show(this.#entries, options)}`;
    }

    static {
        entriesOf = (form) => form.#entries;
        exports.isFormData = (value) => typeof value === 'object' && value !== null && #entries in value;
    }
}
definePairIterable(FormData, (form) => entriesOf(form));
defineInterface(FormData);

function toEntry(name, value, filename, named) {
    const key = toUSVString(name);
    if (!isBlob(value)) {
        if (named) throw new TypeError('FormData: a file name is for Blobs only.');
        return [key, toUSVString(value)];
    }
    if (value instanceof File && !named) return [key, value];
    const title = named ? toUSVString(filename) : 'blob';
    const { type, lastModified } = value;
    return [key, new File([value], title, lastModified === undefined ? { type } : { type, lastModified })];
}

exports.FormData = FormData;
exports.entriesOf = entriesOf;
exports.globals = { FormData };
