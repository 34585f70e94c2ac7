// Cookies of a response as `Set-Cookie` lines, written as the Azure Functions host writes them (reference: Azure
// Functions, section 2.7); what a function may put into a cookie is checked as Azure's Node worker checks it.
'use strict';

const { systemError } = require('functions/errors');

const kept = /[!'()*]/g;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// A cookie as a function gives it.
function fromUser(cookie) {
    const given = cookie ?? {};
    return {
        name: ofType(given.name, 'string', 'name') ?? '',
        value: ofType(given.value, 'string', 'value') ?? '',
        domain: ofType(given.domain, 'string', 'domain'),
        path: ofType(given.path, 'string', 'path'),
        expires: moment(given.expires),
        maxAge: number(given.maxAge),
        secure: ofType(given.secure, 'boolean', 'secure'),
        httpOnly: ofType(given.httpOnly, 'boolean', 'httpOnly'),
        sameSite: given.sameSite ? String(given.sameSite).toLowerCase() : undefined,
    };
}

// A cookie as the `@azure/functions` package hands it to the worker.
function fromRpc(cookie) {
    return {
        name: cookie.name ?? '',
        value: cookie.value ?? '',
        domain: cookie.domain?.value ?? undefined,
        path: cookie.path?.value ?? undefined,
        expires: cookie.expires?.value ? Number(cookie.expires.value.seconds) * 1000 : undefined,
        maxAge: cookie.maxAge?.value ?? undefined,
        secure: cookie.secure?.value ?? undefined,
        httpOnly: cookie.httpOnly?.value ?? undefined,
        sameSite: { lax: 'lax', strict: 'strict', explicitNone: 'none' }[cookie.sameSite],
    };
}

function ofType(value, type, name) {
    if (value === undefined || value === null) return undefined;
    if (typeof value === type) return value;
    throw unexpected(value, `'${type}' type`, name, ' type');
}

function number(value) {
    if (typeof value === 'string' && !Number.isNaN(Number(value))) return Number.parseFloat(value);
    return ofType(value, 'number', 'maxAge');
}

function moment(value) {
    if (value === undefined || value === null) return undefined;
    const millis = typeof value === 'number' ? value : value.getTime?.();
    if (typeof millis !== 'number') throw unexpected(value, "'number' or 'Date' input", 'expires', '');
    return millis > 0 ? Math.round(millis / 1000) * 1000 : undefined;
}

function unexpected(value, wanted, name, suffix) {
    return systemError(
        `A ${wanted} was expected instead of a '${typeof value}'${suffix}. Cannot parse value of 'cookie.${name}'.`,
    );
}

function line(cookie) {
    if (!token.test(cookie.name)) {
        throw systemError(`A cookie needs a name of letters, digits and hyphens, '${cookie.name}' is none.`);
    }
    for (const part of ['domain', 'path']) {
        if (cookie[part]?.includes(';'))
            throw systemError(`Cookie '${cookie.name}': '${part}' can't hold a semicolon.`);
    }
    let text = `${cookie.name}=${encodeURIComponent(cookie.value).replace(kept, percent)}`;
    if (cookie.expires !== undefined) text += `; expires=${new Date(cookie.expires).toUTCString()}`;
    if (cookie.maxAge !== undefined) text += `; max-age=${Math.trunc(cookie.maxAge)}`;
    if (cookie.domain) text += `; domain=${cookie.domain}`;
    text += `; path=${cookie.path || '/'}`;
    if (cookie.secure) text += '; secure';
    if (cookie.sameSite === 'lax' || cookie.sameSite === 'strict' || cookie.sameSite === 'none') {
        text += `; samesite=${cookie.sameSite}`;
    }
    return cookie.httpOnly ? `${text}; httponly` : text;
}

function percent(character) {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

module.exports = {
    // `Set-Cookie` values of a function's `cookies`.
    setCookies: (cookies) => Array.from(cookies, (cookie) => line(fromUser(cookie))),
    setRpcCookies: (cookies) => cookies.map((cookie) => line(fromRpc(cookie))),
};
