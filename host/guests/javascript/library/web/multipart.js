// multipart/form-data (RFC 7578, HTML 4.10.21.8): what a FormData is on the wire, both ways.
'use strict';

const { FormData, entriesOf } = require('web/form-data');
const { File, contentOf } = require('web/blob');
const text = binding('text');
const host = binding('host');

/** The bytes of a form, and the content type that tells its boundary. */
function encodeForm(form) {
    const noise = new Uint8Array(16);
    host.randomFill(noise);
    const boundary = `----hearth-${text.hexEncode(noise)}`;
    const pieces = [];
    for (const [name, value] of entriesOf(form)) {
        let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(lineBreaks(name))}"`;
        if (typeof value === 'string') {
            pieces.push(text.utf8Encode(`${head}\r\n\r\n${lineBreaks(value)}\r\n`));
        } else {
            const type = value.type || 'application/octet-stream';
            head += `; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`;
            pieces.push(text.utf8Encode(head), contentOf(value), text.utf8Encode('\r\n'));
        }
    }
    pieces.push(text.utf8Encode(`--${boundary}--\r\n`));
    const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
    }
    return { bytes, type: `multipart/form-data; boundary=${boundary}` };
}

function lineBreaks(value) {
    return value.replace(/\r\n|\r|\n/g, '\r\n');
}

function escapeName(name) {
    return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

/** The form in a body. Throws a TypeError that says what is wrong with it. */
function decodeForm(bytes, boundary) {
    const form = new FormData();
    // One character per byte: positions in the text are positions in the bytes.
    const raw = text.latin1Decode(bytes);
    const mark = `--${boundary}`;
    let at = raw.indexOf(mark);
    if (at < 0) throw malformed('the boundary does not occur');
    at += mark.length;
    while (!raw.startsWith('--', at)) {
        const line = raw.indexOf('\r\n', at);
        if (line < 0) throw malformed('a part has no headers');
        const headEnd = raw.startsWith('\r\n', line + 2) ? line : raw.indexOf('\r\n\r\n', line);
        if (headEnd < 0) throw malformed('the headers of a part do not end');
        const { name, filename, type } = readHeaders(raw.slice(line + 2, headEnd));
        const start = headEnd + 4;
        // A part without content ends with the line break that ended its headers.
        const end = raw.indexOf(`\r\n${mark}`, start - 2);
        if (end < 0) throw malformed('the closing boundary is missing');
        const content = bytes.subarray(start, Math.max(start, end));
        if (filename === null) form.append(name, text.utf8Decode(content, false, true));
        else form.append(name, new File([content], filename, { type }));
        at = end + 2 + mark.length;
    }
    return form;
}

function readHeaders(head) {
    let disposition = null;
    let type = 'text/plain';
    for (const line of head.split('\r\n')) {
        const colon = line.indexOf(':');
        if (colon < 0) throw malformed('a header has no colon');
        const key = line.slice(0, colon).trim().toLowerCase();
        const value = line.slice(colon + 1).trim();
        if (key === 'content-disposition') disposition = value;
        else if (key === 'content-type') type = value;
    }
    if (disposition === null || !/^form-data\s*(;|$)/i.test(disposition)) {
        throw malformed('a part has no Content-Disposition: form-data');
    }
    const name = parameter(disposition, 'name');
    if (name === null) throw malformed('a part has no name');
    return { name, filename: extended(disposition) ?? parameter(disposition, 'filename'), type };
}

function parameter(disposition, key) {
    const found = new RegExp(`;\\s*${key}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(disposition);
    if (found === null) return null;
    const raw = (found[1] ?? found[2]).replace(/%(0A|0D|22)/gi, (escape) =>
        String.fromCharCode(parseInt(escape.slice(1), 16)),
    );
    return text.utf8Decode(text.latin1Encode(raw), false, false);
}

/** filename*=UTF-8''… (RFC 5987), which some clients send beside the plain one. */
function extended(disposition) {
    const found = /;\s*filename\*=utf-8'[^']*'([^;\s]*)/i.exec(disposition);
    if (found === null) return null;
    try {
        return decodeURIComponent(found[1]);
    } catch {
        return null;
    }
}

function malformed(what) {
    return new TypeError(`The body is no valid multipart/form-data: ${what}.`);
}

exports.encodeForm = encodeForm;
exports.decodeForm = decodeForm;
