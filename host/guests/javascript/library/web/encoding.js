// TextEncoder and TextDecoder (Encoding). Decoders: UTF-8, UTF-16 (both orders) and windows-1252; no other table is
// shipped.
'use strict';

const { defineInterface, needArguments, toDictionary, toUSVString, bytesOf } = require('web/idl');
const text = binding('text');

const LABELS = {
    'utf-8': 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8',
    'utf-16le': 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le',
    'utf-16be': 'unicodefffe utf-16be',
    'windows-1252':
        'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 ' +
        'iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252',
};
const encodings = new Map(
    Object.entries(LABELS).flatMap(([name, labels]) => labels.split(' ').map((label) => [label, name])),
);
// What windows-1252 has at 0x80 to 0x9F.
const WINDOWS_1252 =
    '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
    '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const EMPTY = new Uint8Array(0);

class TextEncoder {
    get encoding() {
        return 'utf-8';
    }

    encode(input = '') {
        return text.utf8Encode(toUSVString(input));
    }

    encodeInto(source, destination) {
        needArguments(arguments.length, 2, 'TextEncoder.encodeInto');
        if (!(destination instanceof Uint8Array)) {
            throw new TypeError('TextEncoder.encodeInto: the destination must be a Uint8Array.');
        }
        const input = toUSVString(source);
        const whole = destination.length >= input.length * 3 ? input : fittingPart(input, destination.length);
        const bytes = text.utf8Encode(whole);
        if (bytes.length > 0) destination.set(bytes);
        return { read: whole.length, written: bytes.length };
    }
}
defineInterface(TextEncoder);

/** The longest start of well-formed text whose UTF-8 fits into so many bytes. */
function fittingPart(input, limit) {
    let written = 0;
    let read = 0;
    while (read < input.length) {
        const point = input.codePointAt(read);
        written += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        if (written > limit) break;
        read += point < 0x10000 ? 1 : 2;
    }
    return input.slice(0, read);
}

class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #pending = EMPTY; // the bytes of a character that has begun
    #started = false; // whether the place of a byte order mark is behind us
    #streaming = false;

    constructor(label = 'utf-8', options = undefined) {
        const encoding = encodings.get(`${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase());
        if (encoding === undefined) {
            const error = new RangeError(
                `The encoding '${label}' is not supported (utf-8, utf-16le, utf-16be and windows-1252 are).`,
            );
            error.code = 'ERR_ENCODING_NOT_SUPPORTED';
            throw error;
        }
        const { fatal, ignoreBOM } = toDictionary(options, 'TextDecoder');
        this.#encoding = encoding;
        this.#fatal = Boolean(fatal);
        this.#ignoreBOM = Boolean(ignoreBOM);
    }

    get encoding() {
        return this.#encoding;
    }

    get fatal() {
        return this.#fatal;
    }

    get ignoreBOM() {
        return this.#ignoreBOM;
    }

    decode(input = undefined, options = undefined) {
        let bytes = input === undefined ? EMPTY : bytesOf(input);
        if (bytes === null)
            throw new TypeError('TextDecoder.decode: the input must be an ArrayBuffer or a view of one.');
        const stream = Boolean(toDictionary(options, 'TextDecoder.decode').stream);
        if (!this.#streaming) {
            this.#pending = EMPTY;
            this.#started = false;
        }
        this.#streaming = stream;
        if (this.#pending.length > 0) {
            const joined = new Uint8Array(this.#pending.length + bytes.length);
            joined.set(this.#pending);
            joined.set(bytes, this.#pending.length);
            bytes = joined;
            this.#pending = EMPTY;
        }
        if (stream) {
            const rest = this.#encoding === 'utf-8' ? beginningUtf8(bytes) : beginningUtf16(this.#encoding, bytes);
            if (rest > 0) {
                this.#pending = bytes.slice(bytes.length - rest);
                bytes = bytes.subarray(0, bytes.length - rest);
            }
        }
        if (bytes.length === 0) return '';
        const strip = !this.#ignoreBOM && !this.#started;
        this.#started = true;
        try {
            return decodeBytes(this.#encoding, bytes, this.#fatal, strip);
        } catch {
            // The next call begins anew.
            this.#streaming = false;
            const error = new TypeError(`The encoded data was not valid for encoding ${this.#encoding}`);
            error.code = 'ERR_ENCODING_INVALID_ENCODED_DATA';
            throw error;
        }
    }
}
defineInterface(TextDecoder);

function decodeBytes(encoding, bytes, fatal, strip) {
    if (encoding === 'utf-8') return text.utf8Decode(bytes, fatal, strip);
    const raw = text.latin1Decode(bytes);
    if (encoding === 'windows-1252') {
        return raw.replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80]);
    }
    let decoded = '';
    const [high, low] = encoding === 'utf-16le' ? [1, 0] : [0, 1];
    const units = [];
    for (let at = 0; at + 1 < raw.length; at += 2) {
        units.push((raw.charCodeAt(at + high) << 8) | raw.charCodeAt(at + low));
        if (units.length === 4096) decoded += String.fromCharCode(...units.splice(0));
    }
    decoded += String.fromCharCode(...units);
    if (raw.length % 2 === 1) decoded += '\ud800';
    if (!decoded.isWellFormed()) {
        if (fatal) throw new TypeError('unpaired surrogate');
        decoded = decoded.toWellFormed();
        // A half unit right after a lone high surrogate is one mistake, not two.
        if (raw.length % 2 === 1 && decoded.endsWith('\ufffd\ufffd') && isHigh(raw.charCodeAt(raw.length - 3 + high))) {
            decoded = decoded.slice(0, -1);
        }
    }
    return strip && decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
}

function isHigh(byte) {
    return (byte & 0xfc) === 0xd8;
}

/** How many bytes at the end begin a UTF-16 character that is not complete. */
function beginningUtf16(encoding, bytes) {
    if (encoding === 'windows-1252') return 0;
    const odd = bytes.length % 2;
    const whole = bytes.length - odd;
    if (whole < 2) return odd;
    return isHigh(bytes[encoding === 'utf-16le' ? whole - 1 : whole - 2]) ? odd + 2 : odd;
}

/** How many bytes at the end begin a UTF-8 character that is not complete; 0 when they can never become one. */
function beginningUtf8(bytes) {
    const end = bytes.length;
    for (let back = 1; back <= Math.min(3, end); back++) {
        const lead = bytes[end - back];
        if ((lead & 0xc0) === 0x80) continue;
        const length =
            lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 1;
        if (length <= back) return 0;
        return back === 1 || mayFollow(lead, bytes[end - back + 1]) ? back : 0;
    }
    return 0;
}

/** Some leads narrow what may come second: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
function mayFollow(lead, second) {
    if (lead === 0xe0) return second >= 0xa0;
    if (lead === 0xed) return second < 0xa0;
    if (lead === 0xf0) return second >= 0x90;
    if (lead === 0xf4) return second < 0x90;
    return true;
}

exports.TextEncoder = TextEncoder;
exports.TextDecoder = TextDecoder;
exports.globals = { TextEncoder, TextDecoder };
