// What the models share of HTTP: names with several values, texts of bodies, the finished response, and who the caller
// is (reference: Azure Functions, sections 2.6 and 2.7).
'use strict';

const text = binding('text');

// Names with their values; several values of a name are joined with a comma, as the Azure Functions host does, but the
// parts of a cookie, which HTTP/2 may send apart, with what separates them in one (RFC 9113, section 8.2.3).
function joined(pairs) {
    const result = {};
    for (const [name, value] of pairs) {
        const before = result[name];
        // An inherited property is no string.
        result[name] = typeof before === 'string' ? `${before}${name === 'cookie' ? '; ' : ','}${value}` : value;
    }
    return result;
}

// A body as text: UTF-8, or what its byte order mark says.
function decode(bytes) {
    const first = bytes[0];
    if (first === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.slice(2)).toString('utf16le');
    if (first === 0xfe && bytes[1] === 0xff) {
        const pairs = Buffer.from(bytes.slice(2, bytes.length - (bytes.length % 2)));
        return pairs.swap16().toString('utf16le');
    }
    return text.utf8Decode(bytes, false, true);
}

function encode(string) {
    return text.utf8Encode(string);
}

const noBytes = Object.freeze([]);

// A finished response. `headers` are pairs, `body` is text, bytes or nothing.
function response(status, headers, body) {
    let bytes;
    if (typeof body === 'string') bytes = text.utf8Encode(body);
    else bytes = body ?? new Uint8Array(noBytes);
    return { kind: 'http-response', value: { status, headers, body: bytes } };
}

// The caller as App Service or Static Web Apps tell it, or null. `header` reads a request header.
function user(header) {
    const given = header('x-ms-client-principal');
    if (!given) return null;
    let principal;
    try {
        principal = JSON.parse(Buffer.from(given, 'base64').toString('utf8'));
    } catch {
        return null;
    }
    if (typeof principal !== 'object' || principal === null || Array.isArray(principal)) return null;
    const ofStaticWebApp = Boolean(principal.identityProvider);
    return {
        type: ofStaticWebApp ? 'StaticWebApps' : 'AppService',
        id: ofStaticWebApp ? principal.userId : header('x-ms-client-principal-id'),
        username: ofStaticWebApp ? principal.userDetails : header('x-ms-client-principal-name'),
        identityProvider: ofStaticWebApp ? principal.identityProvider : header('x-ms-client-principal-idp'),
        claimsPrincipalData: principal,
    };
}

module.exports = { joined, decode, encode, response, user };
