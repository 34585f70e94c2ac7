// Bodies of requests and responses (Fetch 5.2, 5.3). A body keeps what it was made of until somebody asks for its
// stream: a complete string or byte array is read without ever becoming one.
'use strict';

const { toUSVString, bytesOf } = require('web/idl');
const { Blob, isBlob, contentOf } = require('web/blob');
const { FormData, isFormData } = require('web/form-data');
const { encodeForm, decodeForm } = require('web/multipart');
const { URLSearchParams, isURLSearchParams, parseForm } = require('web/url-search-params');
const { structuredClone } = require('web/clone');
const { Readable, Reader } = require('web/streams/readable-core');
const { ByteControl } = require('web/streams/byte-control');
const { createRequest } = require('web/streams/controllers');
const { handled } = require('web/streams/promises');
const { pipe } = require('web/streams/pipe');
const { tee } = require('web/streams/tee');
const { Transform } = require('web/streams/transform');
const { ReadableStream, isReadableStream, readableOf, wrap, createBytesStream } = require('web/streams/readable');
const text = binding('text');

class Body {
    /**
     * `source` is a string, a Uint8Array that nobody else changes, an object with `read()` and `cancel()`, or null
     * beside a stream.
     */
    constructor(source, stream = null) {
        this.source = source;
        this.stream = stream;
        this.taken = false;
        this.shared = false;
    }

    get used() {
        return this.taken || (this.stream !== null && readableOf(this.stream).disturbed);
    }

    get usable() {
        return !this.used && !this.stream?.locked;
    }

    get public() {
        if (this.stream !== null) return this.stream;
        if (this.taken) {
            this.stream = createBytesStream(new Uint8Array(0));
            this.#exhaust();
        } else {
            const incoming = typeof this.source === 'object' && 'read' in this.source;
            this.stream = incoming ? streamOf(this.source) : createBytesStream(this.bytes);
        }
        return this.stream;
    }

    get bytes() {
        return typeof this.source === 'string' ? text.utf8Encode(this.source) : this.source;
    }

    /** The whole content for the one who may read it: a string, a Uint8Array or a Promise of one. */
    take() {
        if (!this.usable) throw new TypeError('Body is unusable: it has already been read, or its stream is locked.');
        this.taken = true;
        if (this.stream !== null) return gather(readableOf(this.stream));
        const { source } = this;
        if (typeof source === 'string' || source instanceof Uint8Array) return source;
        return gatherFrom(source);
    }

    /** The same for a caller who may change the bytes. */
    async takeBytes() {
        const content = await this.take();
        if (typeof content === 'string') return text.utf8Encode(content);
        return this.shared || content.byteLength !== content.buffer.byteLength ? content.slice() : content;
    }

    /** Leaves this body as read; what it held goes on in the result. */
    move() {
        if (!this.usable) throw new TypeError('Body is unusable: it has already been read, or its stream is locked.');
        const { source, stream } = this;
        const complete = typeof source === 'string' || source instanceof Uint8Array;
        let moved;
        if (stream === null || complete) {
            moved = new Body(source);
            moved.shared = this.shared;
            this.taken = true;
            if (stream !== null) this.#exhaust();
            else if (!complete) this.source = '';
        } else {
            const identity = new Transform({});
            identity.begin();
            handled(pipe(readableOf(stream), identity.writable, {}));
            moved = new Body(null, wrap(identity.readable));
        }
        return moved;
    }

    // Who has read a body holds its stream from then on.
    #exhaust() {
        const readable = readableOf(this.stream);
        readable.cancel();
        new Reader(readable);
    }

    clone() {
        if (!this.usable)
            throw new TypeError('The body was read already, or its stream is locked: it cannot be cloned.');
        let copy;
        if (this.stream === null && (typeof this.source === 'string' || this.source instanceof Uint8Array)) {
            this.shared = true;
            copy = new Body(this.source);
            copy.shared = true;
        } else {
            const [left, right] = tee(readableOf(this.public), copyChunk);
            this.stream = wrap(left);
            copy = new Body(null, wrap(right));
        }
        return copy;
    }
}

function copyChunk(chunk) {
    return chunk instanceof Uint8Array ? chunk.slice() : structuredClone(chunk);
}

/** The body of what a user passes as one, and the content type that it implies (null for none). */
function extract(value) {
    if (typeof value === 'string') return { body: new Body(toUSVString(value)), type: 'text/plain;charset=UTF-8' };
    const bytes = bytesOf(value);
    if (bytes !== null) return { body: new Body(bytes.slice()), type: null };
    if (isReadableStream(value)) {
        if (value.locked || readableOf(value).disturbed)
            throw new TypeError('The stream given as body is locked or was read.');
        return { body: new Body(null, value), type: null };
    }
    if (isURLSearchParams(value)) {
        return { body: new Body(value.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
    }
    if (isBlob(value)) {
        const body = new Body(contentOf(value));
        body.shared = true;
        return { body, type: value.type === '' ? null : value.type };
    }
    if (isFormData(value)) {
        const form = encodeForm(value);
        return { body: new Body(form.bytes), type: form.type };
    }
    if (typeof value === 'object' && typeof value[Symbol.asyncIterator] === 'function') {
        return { body: new Body(null, ReadableStream.from(value)), type: null };
    }
    return { body: new Body(toUSVString(value)), type: 'text/plain;charset=UTF-8' };
}

/** A byte stream over an incoming body, read only as its reader asks. */
function streamOf(source) {
    const readable = new Readable();
    const control = new ByteControl(
        readable,
        {
            createRequest,
            async pull() {
                const chunk = await source.read();
                if (chunk !== null) {
                    if (chunk.length > 0) control.enqueue(chunk);
                    else control.pullAgain = true;
                    return;
                }
                control.close();
                if (control.pullIntos.length > 0) control.respond(0);
            },
            cancel: (reason) => source.cancel(reason),
        },
        0,
    );
    control.begin();
    return wrap(readable);
}

async function gatherFrom(source) {
    const chunks = [];
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) chunks.push(chunk);
    return concatenate(chunks);
}

function gather(readable) {
    return new Promise((resolve, reject) => {
        const reader = new Reader(readable);
        const chunks = [];
        let reading = false;
        let again = false;
        // Chunks that are there already are taken in a loop, not by recursion.
        const read = () => {
            reading = true;
            do {
                again = false;
                reader.read(request);
            } while (again);
            reading = false;
        };
        const request = {
            chunk(chunk) {
                if (!(chunk instanceof Uint8Array)) {
                    const error = new TypeError('A chunk of a body must be a Uint8Array.');
                    readable.cancel(error).then(undefined, () => {});
                    reject(error);
                    return;
                }
                chunks.push(chunk);
                if (reading) again = true;
                else read();
            },
            close: () => resolve(concatenate(chunks)),
            error: reject,
        };
        read();
    });
}

function concatenate(chunks) {
    if (chunks.length === 1) return chunks[0];
    const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
    }
    return bytes;
}

/**
 * Reads what `bodyOf(object)` gives and converts it; what goes wrong rejects. A complete body needs no turn of its
 * own.
 */
function read(bodyOf, object, convert) {
    try {
        const body = bodyOf(object);
        const content = body === null ? '' : body.take();
        return content instanceof Promise ? content.then(convert) : Promise.resolve(convert(content));
    } catch (error) {
        return Promise.reject(error);
    }
}

function toText(content) {
    if (typeof content === 'string') return content.charCodeAt(0) === 0xfeff ? content.slice(1) : content;
    return text.utf8Decode(content, false, true);
}

function toJson(content) {
    return JSON.parse(toText(content));
}

async function takeForm(body, contentType) {
    const content = body === null ? new Uint8Array(0) : await body.take();
    const kind = /^\s*([^;\s]*)/.exec(contentType ?? '')[1].toLowerCase();
    if (kind === 'multipart/form-data') {
        const found = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType);
        const boundary = found?.[1] ?? found?.[2] ?? '';
        if (boundary === '') throw new TypeError('The content type multipart/form-data has no boundary.');
        return decodeForm(typeof content === 'string' ? text.utf8Encode(content) : content, boundary);
    }
    if (kind === 'application/x-www-form-urlencoded') {
        const form = new FormData();
        const query = typeof content === 'string' ? content : text.utf8Decode(content, false, false);
        for (const [name, value] of parseForm(query)) form.append(name, value);
        return form;
    }
    throw new TypeError(
        `The content type must be multipart/form-data or application/x-www-form-urlencoded, not '${contentType}'.`,
    );
}

/** Gives a class the members of a body; `bodyOf(object)` is its Body or null. */
function defineBody(Class, bodyOf) {
    const members = {
        get body() {
            return bodyOf(this)?.public ?? null;
        },
        get bodyUsed() {
            return bodyOf(this)?.used ?? false;
        },
        async arrayBuffer() {
            return ((await bodyOf(this)?.takeBytes()) ?? new Uint8Array(0)).buffer;
        },
        async blob() {
            const type = this.headers.get('content-type') ?? '';
            const bytes = (await bodyOf(this)?.takeBytes()) ?? new Uint8Array(0);
            return new Blob([bytes], { type: /^\s*[^\s/;]+\/[^\s/;]+/.test(type) ? type.trim() : '' });
        },
        async bytes() {
            return (await bodyOf(this)?.takeBytes()) ?? new Uint8Array(0);
        },
        async formData() {
            return takeForm(bodyOf(this), this.headers.get('content-type'));
        },
        json() {
            return read(bodyOf, this, toJson);
        },
        text() {
            return read(bodyOf, this, toText);
        },
    };
    Object.defineProperties(Class.prototype, Object.getOwnPropertyDescriptors(members));
}

exports.Body = Body;
exports.extract = extract;
exports.defineBody = defineBody;
