// `process`. Nothing of one instance may stay in the engine's image: the environment and the start time are read at
// first use. `versions.node` is 22, the newest Node that Azure Functions runs in general availability and whose
// behaviour this library follows; packages compare it with what they need. There is no `versions.v8`: this is QuickJS.

const EventEmitter = require('node/events');
const { nextTick } = require('internal/timers');
const { invalidArgType, nodeError, notAvailable } = require('node/internal/errors');
const host = binding('host');

const VERSION = '22.12.0';
const ROOT = '/home/site/wwwroot';
const INFORMATION = 2;
const ERROR = 4;

function lazy(target, name, make) {
    Object.defineProperty(target, name, {
        configurable: true,
        enumerable: true,
        get() {
            const value = make();
            Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
            return value;
        },
        set(value) {
            Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
        },
    });
}

/** Ends an invocation that called `process.exit`. */
class ProcessExitError extends Error {
    constructor(code) {
        super(
            `process.exit(${code ?? ''}) was called. A function app cannot end its process; ` +
                'this invocation ends here. Return from the function, or throw an error.',
        );
        this.name = 'ProcessExitError';
        this.code = 'ERR_PROCESS_EXIT';
        this.exitCode = code ?? 0;
    }
}

/** Standard output and error: whole lines become log lines; a line's beginning waits for its end. */
class LogStream extends EventEmitter {
    #rest = '';
    #level;

    constructor(level, fd) {
        super();
        this.#level = level;
        this.fd = fd;
        this.isTTY = false;
        this.writable = true;
        this.columns = undefined;
        this.writableLength = 0;
    }

    write(chunk, encoding, callback) {
        const { Buffer } = require('node/buffer');
        if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
            throw invalidArgType('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
        }
        if (typeof chunk !== 'string') chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString();
        if (this.#rest === '') nextTick(() => this.#flush());
        this.#rest += chunk;
        const end = this.#rest.lastIndexOf('\n');
        if (end >= 0) {
            host.log(this.#level, this.#rest.slice(0, end));
            this.#rest = this.#rest.slice(end + 1);
        }
        const done = typeof encoding === 'function' ? encoding : callback;
        if (typeof done === 'function') nextTick(done);
        return true;
    }

    #flush() {
        if (this.#rest === '') return;
        host.log(this.#level, this.#rest);
        this.#rest = '';
    }

    end(chunk, encoding, callback) {
        if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk, encoding);
        const done = [chunk, encoding, callback].find((value) => typeof value === 'function');
        if (done) nextTick(done);
        return this;
    }

    getColorDepth() { return 1; }
    hasColors() { return false; }
    getWindowSize() { return [80, 24]; }
    cork() {}
    uncork() {}
    destroy() { return this; }
}

function hrtime(since) {
    const now = host.monotonic();
    let seconds = Math.floor(now / 1000);
    let nanoseconds = Math.floor((now % 1000) * 1e6);
    if (since !== undefined) {
        if (!Array.isArray(since)) throw invalidArgType('time', 'Array', since);
        seconds -= since[0];
        nanoseconds -= since[1];
        if (nanoseconds < 0) {
            seconds--;
            nanoseconds += 1e9;
        }
    }
    return [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.floor(host.monotonic() * 1e6));

/** The sandbox's memory is not measured from the inside; the host limits it. */
function memoryUsage() {
    return { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
}
memoryUsage.rss = () => 0;

function emitWarning(warning, type, code) {
    let detail;
    if (type !== null && typeof type === 'object') ({ type, code, detail } = type);
    if (typeof type === 'function') type = undefined;
    if (typeof code === 'function') code = undefined;
    if (typeof warning === 'string') {
        const text = warning;
        warning = new Error(text);
        warning.name = String(type || 'Warning');
        if (code !== undefined) warning.code = code;
        if (detail !== undefined) warning.detail = detail;
    } else if (!(warning instanceof Error)) {
        throw invalidArgType('warning', ['string', 'Error'], warning);
    }
    if (warning.name === 'DeprecationWarning' && process.noDeprecation) return;
    const shown = warning.code === undefined ? '' : `[${warning.code}] `;
    require('node/console').warn(
        `${shown}${warning.name}: ${warning.message}${warning.detail ? `\n${warning.detail}` : ''}`,
    );
    process.emit('warning', warning);
}

function unavailable(name, instead) {
    return () => { throw notAvailable(`process.${name}`, instead); };
}

const process = Object.create(Object.create(EventEmitter.prototype, {
    constructor: { value: function process() {}, writable: true, configurable: true },
}));
EventEmitter.init.call(process);
for (const name of ['_events', '_eventsCount', '_maxListeners']) {
    Object.defineProperty(process, name, {
        value: process[name],
        writable: true,
        configurable: true,
        enumerable: false,
    });
}
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });

Object.assign(process, {
    version: `v${VERSION}`,
    versions: Object.freeze({ node: VERSION, hearth: '1', quickjs: '0.16' }),
    release: { name: 'node', lts: 'Jod' },
    arch: 'wasm32',
    platform: 'linux',
    title: 'node',
    argv0: 'node',
    execArgv: [],
    execPath: '/usr/local/bin/node',
    pid: 1,
    ppid: 0,
    exitCode: undefined,
    config: Object.freeze({ target_defaults: {}, variables: {} }),
    features: Object.freeze({
        inspector: false,
        debug: false,
        uv: false,
        ipv6: true,
        tls: false,
        require_module: true,
    }),
    noDeprecation: false,
    nextTick,
    hrtime,
    memoryUsage,
    emitWarning,
    cwd: () => ROOT,
    chdir: unavailable('chdir', `Files are read only, and the working folder is always ${ROOT}.`),
    abort: () => {
        throw new ProcessExitError(134);
    },
    exit: (code = process.exitCode) => {
        throw new ProcessExitError(code);
    },
    reallyExit: (code) => {
        throw new ProcessExitError(code);
    },
    kill: unavailable('kill', 'There are no other processes.'),
    dlopen: unavailable(
        'dlopen',
        'Native add-ons cannot be loaded; use a package in pure JavaScript.',
    ),
    binding: unavailable('binding', 'Use the public modules.'),
    umask: () => 0o22,
    getuid: () => 1000,
    geteuid: () => 1000,
    getgid: () => 1000,
    getegid: () => 1000,
    getgroups: () => [1000],
    cpuUsage: () => ({ user: Math.floor(process.uptime() * 1e6), system: 0 }),
    resourceUsage: () => ({ userCPUTime: Math.floor(process.uptime() * 1e6), systemCPUTime: 0, maxRSS: 0 }),
    constrainedMemory: () => 0,
    availableMemory: () => 0,
    uptime: () => {
        const since = started();
        return (host.monotonic() - since) / 1000;
    },
    getActiveResourcesInfo: () => [],
    setUncaughtExceptionCaptureCallback() {},
    hasUncaughtExceptionCaptureCallback: () => false,
    setSourceMapsEnabled() {},
    getBuiltinModule: (id) => {
        const name = String(id).replace(/^node:/, '');
        return require('node/module').builtinModules.includes(name) ? require(`node/${name}`) : undefined;
    },
    assert(value, message) {
        if (!value) throw nodeError(Error, 'ERR_ASSERTION', message || 'assertion error');
    },
});
lazy(process, 'env', () => Object.fromEntries(host.environment()));
lazy(process, 'argv', () => ['/usr/local/bin/node', ROOT]);
lazy(process, 'stdout', () => new LogStream(INFORMATION, 1));
lazy(process, 'stderr', () => new LogStream(ERROR, 2));
lazy(process, 'stdin', () => {
    const { Readable } = require('node/stream');
    return Object.assign(Readable.from([]), { fd: 0, isTTY: false });
});

let startedAt;

/** When this instance first asked, which is as early as its code can know. */
function started() {
    startedAt ??= host.monotonic();
    return startedAt;
}

module.exports = process;
Object.defineProperty(process, 'globals', { value: { process }, enumerable: false });
