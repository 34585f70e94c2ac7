// URL (URL 6.1). The native side parses; an object holds the parts of the last parse, and `searchParams` once asked
// for.
'use strict';

const { defineInterface, needArguments, toUSVString, inspect } = require('web/idl');
const { createLinked, replace } = require('web/url-search-params');
const native = binding('url');

class URL {
    #parts;
    #params = null;

    constructor(url, base = undefined) {
        needArguments(arguments.length, 1, 'URL');
        const input = toUSVString(url);
        const from = base === undefined ? undefined : toUSVString(base);
        const parts = native.parse(input, from);
        if (!parts) throw invalid(input, from);
        this.#parts = parts;
    }

    static canParse(url, base = undefined) {
        needArguments(arguments.length, 1, 'URL.canParse');
        return Boolean(native.parse(toUSVString(url), base === undefined ? undefined : toUSVString(base)));
    }

    static parse(url, base = undefined) {
        needArguments(arguments.length, 1, 'URL.parse');
        try {
            return new URL(url, base);
        } catch (error) {
            if (error.code === 'ERR_INVALID_URL') return null;
            throw error;
        }
    }

    get href() {
        return this.#parts.href;
    }

    set href(value) {
        const input = toUSVString(value);
        const parts = native.parse(input, undefined);
        if (!parts) throw invalid(input);
        this.#parts = parts;
        this.#refreshParams();
    }

    get origin() {
        return this.#parts.origin;
    }

    get protocol() {
        return this.#parts.protocol;
    }

    set protocol(value) {
        this.#set('protocol', value);
    }

    get username() {
        return this.#parts.username;
    }

    set username(value) {
        this.#set('username', value);
    }

    get password() {
        return this.#parts.password;
    }

    set password(value) {
        this.#set('password', value);
    }

    get host() {
        return this.#parts.host;
    }

    set host(value) {
        this.#set('host', value);
    }

    get hostname() {
        return this.#parts.hostname;
    }

    set hostname(value) {
        this.#set('hostname', value);
    }

    get port() {
        return this.#parts.port;
    }

    set port(value) {
        this.#set('port', value);
    }

    get pathname() {
        return this.#parts.pathname;
    }

    set pathname(value) {
        this.#set('pathname', value);
    }

    get search() {
        return this.#parts.search;
    }

    set search(value) {
        this.#set('search', value);
        this.#refreshParams();
    }

    get searchParams() {
        return (this.#params ??= createLinked(this.#parts.search.slice(1), (query) => this.#set('search', query)));
    }

    get hash() {
        return this.#parts.hash;
    }

    set hash(value) {
        this.#set('hash', value);
    }

    toString() {
        return this.#parts.href;
    }

    toJSON() {
        return this.#parts.href;
    }

    // A value that the part can't take changes nothing (URL 6.1).
    #set(part, value) {
        const parts = native.set(this.#parts.href, part, toUSVString(value));
        if (parts) this.#parts = parts;
    }

    #refreshParams() {
        if (this.#params !== null) replace(this.#params, this.#parts.search.slice(1));
    }

    [inspect](depth, options, show) {
        const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = this;
        const { searchParams } = this;
        const parts = {
            href,
            origin,
            protocol,
            username,
            password,
            host,
            hostname,
            port,
            pathname,
            search,
            searchParams,
            hash,
        };
        return `${this.constructor.name} ${show(parts, options)}`;
    }
}
defineInterface(URL);

function invalid(input, base) {
    const error = new TypeError('Invalid URL');
    error.code = 'ERR_INVALID_URL';
    error.input = input;
    if (base !== undefined) error.base = base;
    return error;
}

exports.URL = URL;
exports.globals = { URL };
