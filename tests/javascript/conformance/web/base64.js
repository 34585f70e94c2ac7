// HTML Standard 8.3: atob and btoa.
'use strict';

const { strictEqual: equal, throws } = require('assert');

const wrong = (error) => error instanceof DOMException && error.name === 'InvalidCharacterError' && error.code === 5;

for (const [binary, encoded] of [
    ['', ''],
    ['a', 'YQ=='],
    ['ab', 'YWI='],
    ['abc', 'YWJj'],
    ['\xff\xfe\0', '//4A'],
    ['é', '6Q=='],
]) {
    test(`btoa and atob: ${encoded}`, () => {
        equal(btoa(binary), encoded);
        equal(atob(encoded), binary);
    });
}

for (const [encoded, binary] of [
    ['YQ', 'a'],
    ['YWI', 'ab'],
    [' Y Q = = ', 'a'],
    ['\tYW\nJj\f\r', 'abc'],
    ['YR==', 'a'],
    ['  ', ''],
]) {
    test(`atob forgives ${JSON.stringify(encoded)}`, () => equal(atob(encoded), binary));
}

for (const encoded of ['a', 'abcde', 'YQ=', 'YQ===', '=', '====', 'Y=Q=', 'YQ==YQ==', 'Y-_j', 'YQ\u00a0==', 'é']) {
    test(`atob refuses ${JSON.stringify(encoded)}`, () => throws(() => atob(encoded), wrong));
}

test('btoa refuses characters beyond a byte', () => {
    throws(() => btoa('€'), wrong);
    throws(() => btoa('a\u0100'), wrong);
});
test('btoa and atob convert their argument', () => {
    equal(btoa(12), 'MTI=');
    equal(btoa(undefined), 'dW5kZWZpbmVk');
    equal(btoa(null), 'bnVsbA==');
    equal(atob({ toString: () => 'YQ==' }), 'a');
});
test('btoa and atob need an argument', () => {
    throws(() => btoa(), TypeError);
    throws(() => atob(), TypeError);
});
test('btoa of all bytes and back', () => {
    const binary = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    equal(atob(btoa(binary)), binary);
});
