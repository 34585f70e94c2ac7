// `path`: POSIX rules as the default, Windows rules as `path.win32`.

const { validateObject, validateString } = require('node/internal/errors');

/** Takes `.` and `..` out of a path's parts. */
function resolveParts(parts, absolute) {
    const out = [];
    for (const part of parts) {
        if (part === '' || part === '.') continue;
        if (part !== '..') out.push(part);
        else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (!absolute) out.push('..');
    }
    return out;
}

function baseOf(path, isSeparator) {
    let end = path.length;
    while (end > 0 && isSeparator(path[end - 1])) end--;
    let start = end;
    while (start > 0 && !isSeparator(path[start - 1])) start--;
    return path.slice(start, end);
}

function extensionOf(base) {
    const dot = base.lastIndexOf('.');
    return dot <= 0 || base === '..' ? '' : base.slice(dot);
}

/** Node gives nothing back when the whole path is the suffix. */
function withoutSuffix(path, base, suffix) {
    if (suffix === undefined) return base;
    validateString(suffix, 'suffix');
    if (path === suffix) return '';
    return base !== suffix && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
}

function formatPath(separator, parts) {
    validateObject(parts, 'pathObject');
    const dir = parts.dir || parts.root;
    const extension = parts.ext ? `${parts.ext[0] === '.' ? '' : '.'}${parts.ext}` : '';
    const base = parts.base || `${parts.name || ''}${extension}`;
    if (!dir) return base;
    return dir === parts.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

/** Shell patterns: `*`, `**`, `?`, `[...]` and `{a,b}`. */
function matchesGlob(path, pattern, separators) {
    let source = '';
    let depth = 0;
    for (let i = 0; i < pattern.length; i++) {
        const character = pattern[i];
        if (character === '*' && pattern[i + 1] === '*') {
            const slash = pattern[i + 2] === '/';
            source += slash ? `(?:[^]*[${separators}])?` : '[^]*';
            i += slash ? 2 : 1;
        } else if (character === '*') source += `[^${separators}]*`;
        else if (character === '?') source += `[^${separators}]`;
        else if (character === '[') source += '[';
        else if (character === ']') source += ']';
        else if (character === '{') { source += '(?:'; depth++; }
        else if (character === '}' && depth > 0) { source += ')'; depth--; }
        else if (character === ',' && depth > 0) source += '|';
        else if (character === '/') source += `[${separators}]`;
        else source += character.replace(/[\\^$+.()|]/g, '\\$&');
    }
    return new RegExp(`^${source}$`).test(path);
}

const isSlash = (character) => character === '/';

const posix = {
    sep: '/',
    delimiter: ':',
    resolve(...paths) {
        let path = '';
        for (let i = paths.length - 1; i >= -1 && !path.startsWith('/'); i--) {
            const part = i >= 0 ? paths[i] : require('node/process').cwd();
            validateString(part, `paths[${i}]`);
            if (part !== '') path = path === '' ? part : `${part}/${path}`;
        }
        const absolute = path.startsWith('/');
        const out = resolveParts(path.split('/'), absolute).join('/');
        return absolute ? `/${out}` : out || '.';
    },
    normalize(path) {
        validateString(path, 'path');
        if (path === '') return '.';
        const absolute = path.startsWith('/');
        let out = resolveParts(path.split('/'), absolute).join('/');
        if (out === '' && !absolute) out = '.';
        if (out !== '' && path.endsWith('/')) out += '/';
        return absolute ? `/${out}` : out;
    },
    isAbsolute(path) {
        validateString(path, 'path');
        return path.startsWith('/');
    },
    join(...paths) {
        for (const path of paths) validateString(path, 'path');
        const joined = paths.filter((path) => path !== '').join('/');
        return joined === '' ? '.' : posix.normalize(joined);
    },
    relative(from, to) {
        validateString(from, 'from');
        validateString(to, 'to');
        const left = posix.resolve(from).split('/').filter(Boolean);
        const right = posix.resolve(to).split('/').filter(Boolean);
        let same = 0;
        while (same < left.length && same < right.length && left[same] === right[same]) same++;
        return [...left.slice(same).fill('..'), ...right.slice(same)].join('/');
    },
    toNamespacedPath: (path) => path,
    dirname(path) {
        validateString(path, 'path');
        let end = path.length;
        while (end > 1 && path[end - 1] === '/') end--;
        const slash = path.lastIndexOf('/', end - 1);
        if (slash < 0) return '.';
        return slash === 0 ? '/' : path.startsWith('//') && slash === 1 ? '//' : path.slice(0, slash);
    },
    basename(path, suffix) {
        validateString(path, 'path');
        return withoutSuffix(path, baseOf(path, isSlash), suffix);
    },
    extname(path) {
        validateString(path, 'path');
        return extensionOf(baseOf(path, isSlash));
    },
    format: formatPath.bind(null, '/'),
    parse(path) {
        validateString(path, 'path');
        const root = path.startsWith('/') ? '/' : '';
        const base = baseOf(path, isSlash);
        const ext = extensionOf(base);
        const dir = base === '' || posix.dirname(path) === '.' && !path.startsWith('.') ? root : posix.dirname(path);
        const hasFolder = path.slice(0, path.lastIndexOf(base)).includes('/');
        return { root, dir: hasFolder ? dir : root, base, ext, name: ext === '' ? base : base.slice(0, -ext.length) };
    },
    matchesGlob: (path, pattern) => matchesGlob(path, pattern, '/'),
    posix: null,
    win32: null,
};

module.exports = posix;
posix.posix = posix;
posix.win32 = require('node/internal/path_win32').make(posix, {
    baseOf,
    extensionOf,
    formatPath,
    matchesGlob,
    resolveParts,
    withoutSuffix,
});
