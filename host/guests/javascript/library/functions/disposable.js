// What takes something back when it is disposed of, once.
'use strict';

class Disposable {
    #callOnDispose;

    static from(...disposables) {
        return new Disposable(() => {
            for (const disposable of disposables) disposable?.dispose?.();
        });
    }

    constructor(callOnDispose) {
        this.#callOnDispose = callOnDispose;
    }

    dispose() {
        const call = this.#callOnDispose;
        this.#callOnDispose = undefined;
        if (typeof call === 'function') call();
    }
}

module.exports = { Disposable };
