// Web IDL 2.8: DOMException.
'use strict';

const { strictEqual: equal, ok, throws } = require('assert');

test('DOMException has defaults', () => {
    const error = new DOMException();
    equal(error.message, '');
    equal(error.name, 'Error');
    equal(error.code, 0);
});
test('DOMException is an Error', () => {
    const error = new DOMException('m', 'AbortError');
    ok(error instanceof Error);
    equal(Object.getPrototypeOf(DOMException.prototype), Error.prototype);
    equal(Object.prototype.toString.call(error), '[object DOMException]');
    equal(String(error), 'AbortError: m');
    equal(typeof error.stack, 'string');
});
for (const [name, code, constant] of [
    ['IndexSizeError', 1, 'INDEX_SIZE_ERR'],
    ['InvalidCharacterError', 5, 'INVALID_CHARACTER_ERR'],
    ['NotFoundError', 8, 'NOT_FOUND_ERR'],
    ['NotSupportedError', 9, 'NOT_SUPPORTED_ERR'],
    ['InvalidStateError', 11, 'INVALID_STATE_ERR'],
    ['SyntaxError', 12, 'SYNTAX_ERR'],
    ['InvalidAccessError', 15, 'INVALID_ACCESS_ERR'],
    ['TypeMismatchError', 17, 'TYPE_MISMATCH_ERR'],
    ['NetworkError', 19, 'NETWORK_ERR'],
    ['AbortError', 20, 'ABORT_ERR'],
    ['QuotaExceededError', 22, 'QUOTA_EXCEEDED_ERR'],
    ['TimeoutError', 23, 'TIMEOUT_ERR'],
    ['DataCloneError', 25, 'DATA_CLONE_ERR'],
]) {
    test(`DOMException ${name} has code ${code}`, () => {
        equal(new DOMException('', name).code, code);
        equal(DOMException[constant], code);
        equal(DOMException.prototype[constant], code);
    });
}
test('DOMException of newer names has no code', () => {
    equal(new DOMException('', 'EncodingError').code, 0);
    equal(new DOMException('', 'OperationError').code, 0);
});
test('DOMException takes a cause', () => {
    const cause = new Error('why');
    const error = new DOMException('m', { name: 'AbortError', cause });
    equal(error.name, 'AbortError');
    equal(error.cause, cause);
});
test('DOMException has no setters', () => {
    'use strict';
    throws(() => (new DOMException('a').message = 'b'), TypeError);
});
test('DOMException needs a DOMException', () => {
    const { get } = Object.getOwnPropertyDescriptor(DOMException.prototype, 'name');
    throws(() => get.call({}), TypeError);
});
