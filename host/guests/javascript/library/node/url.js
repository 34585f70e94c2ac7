// `url`: the global URL classes, the older functions, and what turns file URLs into paths.

const legacy = require('node/internal/legacy_url');
const native = binding('url');
const { invalidArgType, invalidArgValue, nodeError, validateString } = require('node/internal/errors');

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

function fileURLToPath(url) {
    if (typeof url === 'string') url = new globalThis.URL(url);
    else if (!(url instanceof globalThis.URL)) throw invalidArgType('path', ['string', 'URL'], url);
    if (url.protocol !== 'file:')
        throw nodeError(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
    if (url.hostname !== '') {
        throw nodeError(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
    }
    if (/%2f/i.test(url.pathname)) {
        throw nodeError(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
    }
    return decodeURIComponent(url.pathname);
}

function pathToFileURL(path) {
    validateString(path, 'path');
    let resolved = require('node/path').posix.resolve(path);
    if (path.endsWith('/') && !resolved.endsWith('/')) resolved += '/';
    const url = new globalThis.URL('file:///');
    url.pathname = resolved.replace(/[%\\\n\r\t?#]/g, encodeURIComponent);
    return url;
}

function urlToHttpOptions(url) {
    if (url === null || typeof url !== 'object' || !url.href) throw invalidArgValue('url', url, 'must be a URL');
    const { hostname, pathname, port, username, password, search } = url;
    const options = {
        __proto__: null,
        ...url,
        protocol: url.protocol,
        hostname: hostname && hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
        hash: url.hash,
        search,
        pathname,
        path: `${pathname || ''}${search || ''}`,
        href: url.href,
    };
    if (port !== '') options.port = Number(port);
    if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return options;
}

module.exports = {
    get URL() { return globalThis.URL; },
    get URLSearchParams() { return globalThis.URLSearchParams; },
    Url: legacy.Url,
    parse: legacy.parse,
    format: legacy.format,
    resolve: legacy.resolve,
    resolveObject: (from, to) => legacy.parse(from, false, true).resolveObject(to),
    /** The native takes domains only; an IPv4 address is its own form. */
    domainToASCII: (domain) => (IPV4.test(domain) ? `${domain}` : native.domainToASCII(`${domain}`)),
    domainToUnicode: (domain) => native.domainToUnicode(`${domain}`),
    fileURLToPath,
    pathToFileURL,
    urlToHttpOptions,
};
