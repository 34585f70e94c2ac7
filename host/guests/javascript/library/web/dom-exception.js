// DOMException (Web IDL 2.8.1). It derives from Error so that it carries a stack like any other error.
'use strict';

const { defineInterface, defineConstants } = require('web/idl');

// Names with their legacy code and constant.
const LEGACY = [
    ['IndexSizeError', 1, 'INDEX_SIZE_ERR'],
    [null, 2, 'DOMSTRING_SIZE_ERR'],
    ['HierarchyRequestError', 3, 'HIERARCHY_REQUEST_ERR'],
    ['WrongDocumentError', 4, 'WRONG_DOCUMENT_ERR'],
    ['InvalidCharacterError', 5, 'INVALID_CHARACTER_ERR'],
    [null, 6, 'NO_DATA_ALLOWED_ERR'],
    ['NoModificationAllowedError', 7, 'NO_MODIFICATION_ALLOWED_ERR'],
    ['NotFoundError', 8, 'NOT_FOUND_ERR'],
    ['NotSupportedError', 9, 'NOT_SUPPORTED_ERR'],
    ['InUseAttributeError', 10, 'INUSE_ATTRIBUTE_ERR'],
    ['InvalidStateError', 11, 'INVALID_STATE_ERR'],
    ['SyntaxError', 12, 'SYNTAX_ERR'],
    ['InvalidModificationError', 13, 'INVALID_MODIFICATION_ERR'],
    ['NamespaceError', 14, 'NAMESPACE_ERR'],
    ['InvalidAccessError', 15, 'INVALID_ACCESS_ERR'],
    [null, 16, 'VALIDATION_ERR'],
    ['TypeMismatchError', 17, 'TYPE_MISMATCH_ERR'],
    ['SecurityError', 18, 'SECURITY_ERR'],
    ['NetworkError', 19, 'NETWORK_ERR'],
    ['AbortError', 20, 'ABORT_ERR'],
    ['URLMismatchError', 21, 'URL_MISMATCH_ERR'],
    ['QuotaExceededError', 22, 'QUOTA_EXCEEDED_ERR'],
    ['TimeoutError', 23, 'TIMEOUT_ERR'],
    ['InvalidNodeTypeError', 24, 'INVALID_NODE_TYPE_ERR'],
    ['DataCloneError', 25, 'DATA_CLONE_ERR'],
];
const codes = new Map(LEGACY.filter(([name]) => name !== null));

class DOMException extends Error {
    #message;
    #name;

    /** The second argument is a name, or (as in Node) an object with `name` and `cause`. */
    constructor(message = '', options = 'Error') {
        super();
        this.#message = `${message}`;
        if (typeof options === 'object' && options !== null) {
            this.#name = options.name === undefined ? 'Error' : `${options.name}`;
            if ('cause' in options) {
                Object.defineProperty(this, 'cause', { value: options.cause, configurable: true, writable: true });
            }
        } else {
            this.#name = `${options}`;
        }
    }

    get name() {
        return this.#name;
    }

    get message() {
        return this.#message;
    }

    get code() {
        return codes.get(this.#name) ?? 0;
    }

    static {
        exports.isDOMException = (value) => typeof value === 'object' && value !== null && #name in value;
    }
}
defineInterface(DOMException);
defineConstants(DOMException, Object.fromEntries(LEGACY.map(([, code, constant]) => [constant, code])));

exports.DOMException = DOMException;
exports.globals = { DOMException };
