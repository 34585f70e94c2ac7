// `vm`: code runs in the one context there is; contexts of their own are not there.

const { functions } = require('node/internal/absent');
const { script } = binding('loader');

function run(code, options) {
    const name = typeof options === 'string' ? options : options?.filename;
    return script(String(code), String(name ?? 'evalmachine.<anonymous>'));
}

class Script {
    #code;
    #options;

    constructor(code, options) {
        this.#code = String(code);
        this.#options = options;
        Function(`return () => {\n${this.#code}\n}`); // eslint-disable-line no-new-func
    }

    runInThisContext() {
        return run(this.#code, this.#options);
    }
}

module.exports = {
    Script,
    runInThisContext: run,
    isContext: () => false,
    compileFunction: (code, names = []) => Function(...names, code), // eslint-disable-line no-new-func
};
functions(module.exports, 'vm', ['createContext', 'createScript', 'measureMemory', 'runInContext', 'runInNewContext'],
    'All code of an app shares one context; use vm.runInThisContext or a function.');
functions(Script.prototype, 'vm.Script', ['runInContext', 'runInNewContext', 'createCachedData'],
    'All code of an app shares one context; use runInThisContext.');
