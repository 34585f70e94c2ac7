// `querystring`: the older way with queries, which never throws for bad escapes.

const { Buffer } = require('node/buffer');
const { nodeError } = require('node/internal/errors');

function escape(text) {
    if (typeof text !== 'string') text = typeof text === 'object' ? String(text) : `${text}`;
    try {
        return encodeURIComponent(text);
    } catch {
        throw nodeError(URIError, 'ERR_INVALID_URI', 'URI malformed');
    }
}

/** Bytes of a text whose %XX are decoded; what is no escape stays. */
function unescapeBuffer(text) {
    const bytes = Buffer.from(text.replace(/[^\0-\xff]/g, (character) => encodeURIComponent(character)), 'latin1');
    let length = 0;
    for (let i = 0; i < bytes.length; i++) {
        const pair = bytes[i] === 0x25 ? bytes.latin1Slice(i + 1, i + 3) : '';
        if (/^[0-9a-fA-F]{2}$/.test(pair)) {
            bytes[length++] = parseInt(pair, 16);
            i += 2;
        } else {
            bytes[length++] = bytes[i];
        }
    }
    return bytes.slice(0, length);
}

function unescape(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return unescapeBuffer(text).toString();
    }
}

function primitive(value) {
    switch (typeof value) {
        case 'string': return value;
        case 'number': return Number.isFinite(value) ? `${value}` : '';
        case 'bigint': case 'boolean': return `${value}`;
        default: return '';
    }
}

function stringify(object, separator = '&', equals = '=', options = undefined) {
    if (object === null || typeof object !== 'object') return '';
    separator ||= '&';
    equals ||= '=';
    const encode = options && typeof options.encodeURIComponent === 'function' ? options.encodeURIComponent
        : module.exports.escape;
    const fields = [];
    for (const key of Object.keys(object)) {
        const start = encode(primitive(key)) + equals;
        const value = object[key];
        if (Array.isArray(value)) for (const item of value) fields.push(start + encode(primitive(item)));
        else fields.push(start + encode(primitive(value)));
    }
    return fields.join(separator);
}

function decoded(text, decode) {
    if (!/[%+]/.test(text)) return text;
    const spaced = text.replace(/\+/g, ' ');
    try {
        return decode(spaced);
    } catch {
        return unescape(spaced);
    }
}

function parse(text, separator = '&', equals = '=', options = undefined) {
    const out = Object.create(null);
    if (typeof text !== 'string' || text.length === 0) return out;
    separator = separator ? `${separator}` : '&';
    equals = equals ? `${equals}` : '=';
    const max = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    const decode = options && typeof options.decodeURIComponent === 'function' ? options.decodeURIComponent
        : module.exports.unescape;
    let count = 0;
    for (const field of text.split(separator)) {
        if (field === '') continue;
        if (max > 0 && ++count > max) break;
        const at = field.indexOf(equals);
        const key = decoded(at < 0 ? field : field.slice(0, at), decode);
        const value = at < 0 ? '' : decoded(field.slice(at + equals.length), decode);
        if (!(key in out)) out[key] = value;
        else if (Array.isArray(out[key])) out[key].push(value);
        else out[key] = [out[key], value];
    }
    return out;
}

module.exports = { decode: parse, encode: stringify, escape, parse, stringify, unescape, unescapeBuffer };
