// `module`: the loader's Module, `createRequire`, and the list of what is built in.

const loader = require('internal/loader');
const { invalidArgValue, notAvailable } = require('node/internal/errors');

const builtinModules = Object.freeze([
    'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants',
    'crypto', 'dgram', 'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'events', 'fs', 'fs/promises',
    'http', 'http2', 'https', 'inspector', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks',
    'process', 'punycode', 'querystring', 'readline', 'readline/promises', 'stream', 'stream/consumers',
    'stream/promises', 'stream/web', 'string_decoder', 'sys', 'timers', 'timers/promises', 'tls', 'trace_events',
    'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'worker_threads', 'zlib',
]);

function createRequire(from) {
    let path = from;
    if (from instanceof globalThis.URL || (typeof from === 'string' && from.startsWith('file:'))) {
        path = require('node/url').fileURLToPath(from);
    }
    if (typeof path !== 'string' || !path.startsWith('/')) {
        throw invalidArgValue('filename', from, 'must be a file URL object, file URL string, or absolute path string');
    }
    return loader.makeRequire(path);
}

module.exports = Object.assign(loader.Module, {
    Module: loader.Module,
    builtinModules,
    createRequire,
    isBuiltin: (name) => typeof name === 'string' && builtinModules.includes(name.replace(/^node:/, '')),
    findSourceMap: () => undefined,
    syncBuiltinESMExports() {},
    register: () => { throw notAvailable('module.register', 'The loader has no hooks.'); },
    globalPaths: [],
    _extensions: Object.create(null),
    _cache: loader.cache,
    _load: (specifier, parent) => loader.makeRequire(parent?.filename ?? '/home/site/wwwroot/index.js')(specifier),
    _resolveFilename: (specifier, parent) =>
        loader.makeRequire(parent?.filename ?? '/home/site/wwwroot/index.js').resolve(specifier),
    _nodeModulePaths: (from) => {
        const parts = from.split('/').filter(Boolean);
        return parts.map((_, i) => `/${parts.slice(0, parts.length - i).join('/')}/node_modules`);
    },
});
