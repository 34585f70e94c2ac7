// The promise steps that all streams are made of.
'use strict';

/** A promise with its ends in hand; `pending` tells whether it was settled by them. */
class Deferred {
    pending = true;

    constructor() {
        this.promise = new Promise((resolve, reject) => {
            this.settle = resolve;
            this.refuse = reject;
        });
    }

    resolve(value) {
        this.pending = false;
        this.settle(value);
    }

    /** Nobody has to look at the rejection. */
    reject(error) {
        this.pending = false;
        this.refuse(error);
        handled(this.promise);
    }

    static resolved() {
        const deferred = new Deferred();
        deferred.resolve();
        return deferred;
    }

    static rejected(error) {
        const deferred = new Deferred();
        deferred.reject(error);
        return deferred;
    }
}

function nothing() {}

function handled(promise) {
    promise.then(undefined, nothing);
    return promise;
}

/** Calls a function of the user's: what it throws becomes a rejection. */
function promised(action) {
    try {
        return Promise.resolve(action());
    } catch (error) {
        return Promise.reject(error);
    }
}

exports.Deferred = Deferred;
exports.nothing = nothing;
exports.handled = handled;
exports.promised = promised;
