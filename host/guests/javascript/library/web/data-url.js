// What a `data:` URL holds (Fetch 6).
'use strict';

const { percentDecode } = require('web/url-search-params');
const text = binding('text');

/** `{ type, bytes }` of a serialized URL, or null when it is malformed. */
function decodeDataUrl(href) {
    const hash = href.indexOf('#');
    const address = hash < 0 ? href : href.slice(0, hash);
    const comma = address.indexOf(',');
    if (comma < 0) return null;
    let type = address.slice('data:'.length, comma).trim();
    let bytes = percentDecode(text.utf8Encode(address.slice(comma + 1)));
    const base64 = /; *base64$/i.exec(type);
    if (base64 !== null) {
        type = type.slice(0, base64.index);
        let encoded = text.latin1Decode(bytes).replace(/[\t\n\f\r ]+/g, '');
        if (encoded.length % 4 === 0) encoded = encoded.replace(/==?$/, '');
        if (encoded.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(encoded)) return null;
        bytes = text.base64Decode(encoded);
    }
    if (type.startsWith(';')) type = `text/plain${type}`;
    if (!/^[^\s/;]+\/[^\s/;]+/.test(type)) type = 'text/plain;charset=US-ASCII';
    return { type, bytes };
}

exports.decodeDataUrl = decodeDataUrl;
