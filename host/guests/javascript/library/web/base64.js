// atob and btoa (HTML 8.3): base64 over "binary strings", where each UTF-16 unit is one byte.
'use strict';

const { DOMException } = require('web/dom-exception');
const { needArguments } = require('web/idl');
const text = binding('text');

function btoa(data) {
    needArguments(arguments.length, 1, 'btoa');
    const binary = `${data}`;
    if (/[^\x00-\xff]/.test(binary)) {
        throw new DOMException(
            'The string contains characters beyond U+00FF; encode it as UTF-8 first.',
            'InvalidCharacterError',
        );
    }
    return text.base64Encode(text.latin1Encode(binary), false);
}

function atob(data) {
    needArguments(arguments.length, 1, 'atob');
    let encoded = `${data}`.replace(/[\t\n\f\r ]+/g, '');
    if (encoded.length % 4 === 0) encoded = encoded.replace(/==?$/, '');
    if (encoded.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(encoded)) {
        throw new DOMException('The string is not correctly encoded base64.', 'InvalidCharacterError');
    }
    return text.latin1Decode(text.base64Decode(encoded));
}

exports.globals = { atob, btoa };
