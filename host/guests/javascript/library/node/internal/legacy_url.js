// The URL functions that Node had before `URL`: `url.parse`, `url.format`, `url.resolve`.

const querystring = require('node/querystring');
const { invalidArgType, nodeError, validateString } = require('node/internal/errors');
const native = binding('url');

const SLASHED = new Set(['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:']);
const PLAIN = /^(?:[^#?\s\\]*)(\?[^#\s]*)?$/;

function Url() {
    for (const key of ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname',
        'path', 'href']) this[key] = null;
}

function escapeUnsafe(text) {
    return text.replace(/[\t\n\r "'<>\\^`{|}]/g, (character) =>
        `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function splitHost(url, host) {
    const at = host.lastIndexOf('@');
    if (at >= 0) {
        try {
            url.auth = decodeURIComponent(host.slice(0, at));
        } catch {
            throw nodeError(URIError, 'ERR_INVALID_URL', 'URI malformed');
        }
        host = host.slice(at + 1);
    }
    const port = /:(\d*)$/.exec(host);
    if (port !== null) {
        if (port[1] !== '') [, url.port] = port;
        host = host.slice(0, host.length - port[0].length);
    }
    url.hostname = host.toLowerCase();
    const bracketed = host.startsWith('[') && host.endsWith(']');
    if (!bracketed && url.hostname !== '') {
        const wide = /[^\0-\x7f]/.test(url.hostname);
        const ascii = wide ? native.domainToASCII(url.hostname) : url.hostname;
        if (ascii === '' || /[\s"<>^`{|}\\%/?#@[\]]/.test(ascii)) {
            throw Object.assign(nodeError(TypeError, 'ERR_INVALID_URL', 'Invalid URL'), { input: url.source });
        }
        url.hostname = ascii;
    }
    url.host = url.hostname + (url.port ? `:${url.port}` : '');
    if (bracketed) url.hostname = url.hostname.slice(1, -1);
}

Url.prototype.parse = function parse(input, parseQuery, slashesDenoteHost) {
    validateString(input, 'url');
    let rest = input.trim();
    const question = rest.search(/[?#]/);
    rest =
        (question < 0 ? rest : rest.slice(0, question)).replace(/\\/g, '/') +
        (question < 0 ? '' : rest.slice(question));
    const simple = !slashesDenoteHost && rest.startsWith('/') && !rest.startsWith('//') && PLAIN.exec(rest);
    const protocol = simple ? null : /^[a-z0-9.+-]+:/i.exec(rest);
    if (protocol !== null) {
        this.protocol = protocol[0].toLowerCase();
        rest = rest.slice(protocol[0].length);
    }
    const script = this.protocol === 'javascript:';
    if (
        !simple &&
        (slashesDenoteHost || protocol !== null || /^\/\/[^@/]+@[^@/]+/.test(rest)) &&
        rest.startsWith('//') &&
        !script
    ) {
        rest = rest.slice(2);
        this.slashes = true;
    }
    if (!script && (this.slashes || (this.protocol !== null && !SLASHED.has(this.protocol)))) {
        const end = rest.search(/[/?#]/);
        Object.defineProperty(this, 'source', { value: input, configurable: true, enumerable: false });
        splitHost(this, end < 0 ? rest : rest.slice(0, end));
        delete this.source;
        rest = end < 0 ? '' : rest.slice(end);
    }
    if (!script) rest = escapeUnsafe(rest);
    const hash = rest.indexOf('#');
    if (hash >= 0) {
        this.hash = rest.slice(hash);
        rest = rest.slice(0, hash);
    }
    const search = rest.indexOf('?');
    if (search >= 0) {
        this.search = rest.slice(search);
        this.query = rest.slice(search + 1);
        rest = rest.slice(0, search);
    } else if (parseQuery) {
        this.search = null;
        this.query = '';
    }
    if (parseQuery) this.query = querystring.parse(this.query ?? '');
    if (rest !== '') this.pathname = rest;
    if (SLASHED.has(this.protocol) && this.hostname && this.pathname === null) this.pathname = '/';
    if (this.pathname !== null || this.search !== null) this.path = (this.pathname ?? '') + (this.search ?? '');
    this.href = this.format();
    return this;
};

Url.prototype.format = function format() {
    let auth = this.auth || '';
    if (auth)
        auth = `${encodeURIComponent(auth)
            .replace(/%3A/i, ':')
            .replace(/%(?:21|27|28|29|2A)/gi, decodeURIComponent)}@`;
    let protocol = this.protocol || '';
    let pathname = this.pathname || '';
    let hash = this.hash || '';
    let host = '';
    let query = '';
    if (this.host) {
        host = auth + this.host;
    } else if (this.hostname) {
        const wide = this.hostname.includes(':') && !this.hostname.startsWith('[');
        host = auth + (wide ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : '');
    }
    if (this.query !== null && typeof this.query === 'object') query = querystring.stringify(this.query);
    let search = this.search || (query && `?${query}`) || '';
    if (protocol && !protocol.endsWith(':')) protocol += ':';
    pathname = pathname.replace(/[?#]/g, (character) => (character === '?' ? '%3F' : '%23'));
    if (this.slashes || SLASHED.has(protocol)) {
        if (this.slashes || host) {
            if (pathname && !pathname.startsWith('/')) pathname = `/${pathname}`;
            host = `//${host}`;
        } else if (protocol === 'file:') {
            host = '//';
        }
    }
    search = search.replace(/#/g, '%23');
    if (hash && !hash.startsWith('#')) hash = `#${hash}`;
    if (search && !search.startsWith('?')) search = `?${search}`;
    return protocol + host + pathname + search + hash;
};

Url.prototype.resolve = function resolveMethod(relative) {
    return resolve(this.href, relative);
};

Url.prototype.resolveObject = function resolveObject(relative) {
    return parse(resolve(this.href, relative), false, true);
};

function parse(url, parseQuery, slashesDenoteHost) {
    return url instanceof Url ? url : new Url().parse(url, parseQuery, slashesDenoteHost);
}

function resolve(from, to) {
    const { URL } = globalThis;
    const base = new URL(from, 'resolve://');
    const resolved = new URL(to, base);
    if (resolved.protocol !== 'resolve:') return resolved.toString();
    const path = resolved.pathname + resolved.search + resolved.hash;
    return from.startsWith('/') || to.startsWith('/') || from === '' ? path : path.replace(/^\//, '');
}

function formatURL(url, options) {
    if (options === undefined) return url.href;
    const copy = new globalThis.URL(url.href);
    if (options.auth === false) copy.username = copy.password = '';
    if (options.fragment === false) copy.hash = '';
    if (options.search === false) copy.search = '';
    return options.unicode && copy.hostname
        ? copy.href.replace(copy.hostname, native.domainToUnicode(copy.hostname)) : copy.href;
}

function format(url, options) {
    if (typeof url === 'string') return parse(url).format();
    if (url === null || typeof url !== 'object') throw invalidArgType('urlObject', ['Object', 'string'], url);
    if (url instanceof globalThis.URL) return formatURL(url, options);
    return Url.prototype.format.call(url);
}

module.exports = { Url, format, parse, resolve };
