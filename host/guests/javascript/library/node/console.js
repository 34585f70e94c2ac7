// `console`: each call is one log line of the running function, with the level that Azure's worker gives it.

const { formatArguments } = require('node/internal/format');
const { inspect } = require('node/internal/inspect');
const host = binding('host');

const DEBUG = 1;
const INFORMATION = 2;
const WARNING = 3;
const ERROR = 4;
const log = host.log;

class Console {
    #write;
    #indent = '';
    #counts = new Map();
    #times = new Map();
    #options;

    /** As Node's: `new Console(stdout, stderr)` or `new Console({ stdout, stderr, inspectOptions })`. */
    constructor(stdout, stderr) {
        let options = { stdout, stderr };
        if (stdout && typeof stdout.write !== 'function') options = stdout;
        this.#options = options.inspectOptions;
        if (typeof options.stdout === 'function') {
            this.#write = options.stdout;
        } else {
            const out = options.stdout;
            const err = options.stderr ?? out;
            this.#write = (level, text) => (level >= WARNING ? err : out).write(`${text}\n`);
        }
        for (const name of Object.getOwnPropertyNames(Console.prototype)) {
            if (name === 'constructor') continue;
            const method = this[name].bind(this);
            Object.defineProperty(this, name, { value: method, writable: true, configurable: true, enumerable: true });
            Object.defineProperty(method, 'name', { value: name });
        }
    }

    #print(level, values) {
        const first = values[0];
        let text = values.length === 1 && typeof first === 'string' ? first
            : values.length === 0 ? '' : formatArguments(this.#options, values);
        if (this.#indent !== '') text = this.#indent + text.replaceAll('\n', `\n${this.#indent}`);
        this.#write(level, text);
    }

    log(...values) { this.#print(INFORMATION, values); }
    info(...values) { this.#print(INFORMATION, values); }
    debug(...values) { this.#print(DEBUG, values); }
    warn(...values) { this.#print(WARNING, values); }
    error(...values) { this.#print(ERROR, values); }

    trace(...values) {
        const stack = String(new Error().stack).split('\n').filter((line) => /^\s*at /.test(line));
        const from = stack.findIndex((line) => !/\btrace\b/.test(line));
        const text = values.length === 0 ? 'Trace' : `Trace: ${formatArguments(this.#options, values)}`;
        this.#print(ERROR, [`${text}\n${stack.slice(Math.max(from, 1)).join('\n')}`]);
    }

    dir(value, options) {
        this.#print(INFORMATION, [inspect(value, { customInspect: false, ...this.#options, ...options })]);
    }

    dirxml(...values) { this.#print(INFORMATION, values); }

    assert(value, ...values) {
        if (value) return;
        if (typeof values[0] === 'string') values[0] = `Assertion failed: ${values[0]}`;
        else values.unshift('Assertion failed');
        this.#print(WARNING, values);
    }

    count(label = 'default') {
        label = `${label}`;
        const count = (this.#counts.get(label) ?? 0) + 1;
        this.#counts.set(label, count);
        this.#print(INFORMATION, [`${label}: ${count}`]);
    }

    countReset(label = 'default') {
        if (!this.#counts.delete(`${label}`)) this.#print(WARNING, [`Count for '${label}' does not exist`]);
    }

    group(...values) {
        if (values.length > 0) this.#print(INFORMATION, values);
        this.#indent += '  ';
    }

    groupCollapsed(...values) { this.group(...values); }
    groupEnd() { this.#indent = this.#indent.slice(2); }

    time(label = 'default') {
        label = `${label}`;
        if (this.#times.has(label)) this.#print(WARNING, [`Label '${label}' already exists for console.time()`]);
        else this.#times.set(label, host.monotonic());
    }

    timeLog(label = 'default', ...values) {
        label = `${label}`;
        if (this.#times.has(label))
            this.#print(INFORMATION, [`${label}: ${elapsed(this.#times.get(label))}`, ...values]);
        else this.#print(WARNING, [`No such label '${label}' for console.timeLog()`]);
    }

    timeEnd(label = 'default') {
        label = `${label}`;
        if (!this.#times.has(label)) this.#print(WARNING, [`No such label '${label}' for console.timeEnd()`]);
        else this.timeLog(label);
        this.#times.delete(label);
    }

    table(data, columns) {
        if (data === null || typeof data !== 'object') this.#print(INFORMATION, [data]);
        else this.#print(INFORMATION, [require('node/internal/table').table(data, columns)]);
    }

    clear() {}
    profile() {}
    profileEnd() {}
    timeStamp() {}
}

function elapsed(since) {
    const ms = host.monotonic() - since;
    if (ms >= 60000) {
        const seconds = (ms % 60000) / 1000;
        return `${Math.floor(ms / 60000)}:${seconds < 10 ? '0' : ''}${seconds.toFixed(3)} (m:ss.mmm)`;
    }
    return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${Number(ms.toFixed(3))}ms`;
}

const console = new Console({ stdout: log });
console.Console = Console;
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

module.exports = console;
Object.defineProperty(console, 'globals', { value: { console }, enumerable: false });
