// `util.parseArgs`, for tools that are published as functions.

const { nodeError, validateObject } = require('node/internal/errors');

function fail(code, message) {
    return nodeError(TypeError, code, message);
}

function store(values, options, name, value, settings) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (settings.strict) {
        if (option === undefined) {
            const hint = settings.allowPositionals
                ? ". To specify a positional argument starting with a '-', place it at the end of the command after " +
                  `'--', as in '-- "--${name}"`
                : '';
            throw fail('ERR_PARSE_ARGS_UNKNOWN_OPTION', `Unknown option '--${name}'${hint}`);
        }
        if (option.type === 'string' && typeof value !== 'string') {
            throw fail('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '--${name} <value>' argument missing`);
        }
        if (option.type === 'boolean' && value !== undefined && typeof value !== 'boolean') {
            throw fail('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '--${name}' does not take an argument`);
        }
    }
    const kept = value ?? true;
    if (option?.multiple) (values[name] ??= []).push(kept);
    else values[name] = kept;
}

function parseArgs(config = {}) {
    validateObject(config, 'config');
    const { options = {}, strict = true, allowNegative = false } = config;
    const allowPositionals = config.allowPositionals ?? !strict;
    const settings = { strict, allowPositionals };
    const args = [...(config.args ?? require('node/process').argv.slice(2))];
    const values = Object.create(null);
    const positionals = [];
    const longOf = (short) => Object.keys(options).find((name) => options[name].short === short) ?? short;
    const takes = (name) => Object.hasOwn(options, name) && options[name].type === 'string';
    const value = (name) =>
        takes(name) && args.length > 0 && (!strict || !/^-./.test(args[0])) ? args.shift() : undefined;
    while (args.length > 0) {
        const arg = args.shift();
        if (arg === '--') {
            positionals.push(...args.splice(0));
        } else if (arg.startsWith('--')) {
            const mark = arg.indexOf('=', 3);
            const name = mark < 0 ? arg.slice(2) : arg.slice(2, mark);
            if (mark >= 0) store(values, options, name, arg.slice(mark + 1), settings);
            else if (allowNegative && name.startsWith('no-') && options[name.slice(3)]?.type === 'boolean') {
                store(values, options, name.slice(3), false, settings);
            } else store(values, options, name, value(name), settings);
        } else if (arg.length > 1 && arg.startsWith('-')) {
            for (let i = 1; i < arg.length; i++) {
                const name = longOf(arg[i]);
                if (takes(name) && i < arg.length - 1) {
                    store(values, options, name, arg.slice(i + 1), settings);
                    break;
                }
                store(values, options, name, value(name), settings);
            }
        } else {
            if (!allowPositionals) {
                throw fail('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL',
                    `Unexpected argument '${arg}'. This command does not take positional arguments`);
            }
            positionals.push(arg);
        }
    }
    for (const name of Object.keys(options)) {
        if (options[name].default !== undefined && !(name in values)) values[name] = options[name].default;
    }
    return { values, positionals };
}

module.exports = { parseArgs };
