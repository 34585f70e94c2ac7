// `vm`: code runs in the one context there is; contexts of their own are not there.

const { functions } = require('node/internal/absent');

class Script {
    #code;

    constructor(code) {
        this.#code = String(code);
        Function(`return () => {\n${this.#code}\n}`); // eslint-disable-line no-new-func
    }

    runInThisContext() {
        return (0, eval)(this.#code); // eslint-disable-line no-eval
    }
}

module.exports = {
    Script,
    runInThisContext: (code) => (0, eval)(String(code)), // eslint-disable-line no-eval
    isContext: () => false,
    compileFunction: (code, names = []) => Function(...names, code), // eslint-disable-line no-new-func
};
functions(module.exports, 'vm', ['createContext', 'createScript', 'measureMemory', 'runInContext', 'runInNewContext'],
    'All code of an app shares one context; use vm.runInThisContext or a function.');
functions(Script.prototype, 'vm.Script', ['runInContext', 'runInNewContext', 'createCachedData'],
    'All code of an app shares one context; use runInThisContext.');
