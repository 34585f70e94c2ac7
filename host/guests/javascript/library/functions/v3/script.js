// The function of a script in the v3 model, found as Azure's Node worker finds it: what the script exports itself, the
// export that `entryPoint` names, the only export, or the one called `run` or `index`.
'use strict';

const { systemError } = require('functions/errors');

// Returns { callback, thisArg }.
function entryPoint(exported, { name, scriptFile, entryPoint: wanted }) {
    let found = exported;
    let thisArg;
    if (typeof exported === 'object' && exported !== null) {
        thisArg = exported;
        found = wanted ? exported[wanted] : byConvention(exported);
    }
    if (typeof found === 'function') return { callback: found, thisArg };

    const looked = wanted ? `a function '${wanted}'` : 'a function to run';
    throw systemError(
        `Function '${name}': ${scriptFile} must export ${looked}, it exports ${description(exported)}. ` +
            "If multiple functions are exported, name one 'run' or 'index', or name it by 'entryPoint' in " +
            'function.json.',
    );
}

function byConvention(exported) {
    const names = Object.keys(exported);
    if (names.length === 1) return exported[names[0]];
    return exported.run || exported.index || exported.default;
}

// What a script exports, in words.
function description(exported) {
    if (typeof exported !== 'object' || exported === null) return word(exported);
    const names = Object.keys(exported);
    if (names.length === 0) return 'nothing';
    return names.map((name) => `'${name}' (${word(exported[name])})`).join(', ');
}

function word(value) {
    if (value === null) return 'null';
    if (value === undefined) return 'undefined';
    if (Array.isArray(value)) return 'an array';
    return { object: 'an object', function: 'a function' }[typeof value] ?? `a ${typeof value}`;
}

module.exports = { entryPoint };
