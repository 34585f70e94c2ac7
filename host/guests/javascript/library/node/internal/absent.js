// Functions and classes of modules that cannot work here. The modules load, because packages load them whether they use
// them or not; a call says what to use instead.

const { notAvailable } = require('node/internal/errors');

/** Puts a function that throws under each name. */
function functions(target, module, names, instead) {
    for (const name of names) {
        target[name] = { [name]: () => { throw notAvailable(`${module}.${name}`, instead); } }[name];
    }
    return target;
}

/** Puts a class that cannot be constructed under each name; it can be extended and asked with `instanceof`. */
function classes(target, module, names, instead, Base = Object) {
    for (const name of names) {
        target[name] = {
            [name]: class extends Base {
                constructor() {
                    super();
                    throw notAvailable(`${module}.${name}`, instead);
                }
            },
        }[name];
    }
    return target;
}

module.exports = { classes, functions };
