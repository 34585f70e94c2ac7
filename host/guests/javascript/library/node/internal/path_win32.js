// Windows rules of `path`: drive letters, UNC roots and both slashes.

const { validateString } = require('node/internal/errors');

const isSlash = (character) => character === '/' || character === '\\';

/** Splits off the drive (`C:` or `\\server\share`) and tells whether a slash follows. */
function splitRoot(path) {
    const unc = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)([\\/]*)/.exec(path);
    if (unc !== null) {
        return { device: `\\\\${unc[1]}\\${unc[2]}`, absolute: true, root: unc[0], rest: path.slice(unc[0].length) };
    }
    const drive = /^([a-zA-Z]:)?([\\/]*)/.exec(path);
    return {
        device: drive[1] ?? '', absolute: drive[2] !== '', root: `${drive[1] ?? ''}${drive[2].slice(0, 1)}`,
        rest: path.slice(drive[0].length),
    };
}

function make(posix, shared) {
    const { baseOf, extensionOf, formatPath, matchesGlob, resolveParts, withoutSuffix } = shared;

    function tidy(device, absolute, rest, trailing) {
        let out = resolveParts(rest.split(/[\\/]+/), absolute).join('\\');
        if (out === '' && !absolute) out = '.';
        if (out !== '' && trailing) out += '\\';
        return `${device}${absolute ? '\\' : ''}${out}`;
    }

    function base(path) {
        const { root } = splitRoot(path);
        return baseOf(path.slice(/^[a-zA-Z]:/.test(root) ? 2 : 0), isSlash);
    }

    const win32 = {
        sep: '\\',
        delimiter: ';',
        resolve(...paths) {
            let device = '';
            let tail = '';
            let absolute = false;
            for (let i = paths.length - 1; i >= 0 && !(absolute && device !== ''); i--) {
                validateString(paths[i], `paths[${i}]`);
                const parts = splitRoot(paths[i]);
                if (parts.device !== '' && device !== '' && parts.device.toLowerCase() !== device.toLowerCase())
                    continue;
                device ||= parts.device;
                if (!absolute) {
                    tail = `${parts.rest}\\${tail}`;
                    absolute = parts.absolute;
                }
            }
            if (!absolute) {
                tail = `${require('node/process').cwd()}\\${tail}`;
                absolute = true;
            }
            return tidy(device, absolute, tail, false) || '.';
        },
        normalize(path) {
            validateString(path, 'path');
            if (path === '') return '.';
            const { device, absolute, rest } = splitRoot(path);
            return tidy(device, absolute, rest, isSlash(path[path.length - 1]) && rest !== '');
        },
        isAbsolute(path) {
            validateString(path, 'path');
            return /^(?:[\\/]|[a-zA-Z]:[\\/])/.test(path);
        },
        join(...paths) {
            for (const path of paths) validateString(path, 'path');
            const parts = paths.filter((path) => path !== '');
            if (parts.length === 0) return '.';
            let joined = parts.join('\\');
            if (!/^[\\/]{2}[^\\/]/.test(parts[0])) joined = joined.replace(/^[\\/]{2,}/, '\\');
            return win32.normalize(joined);
        },
        relative(from, to) {
            validateString(from, 'from');
            validateString(to, 'to');
            const left = win32.resolve(from);
            const right = win32.resolve(to);
            const a = left.split('\\').filter(Boolean);
            const b = right.split('\\').filter(Boolean);
            let same = 0;
            while (same < a.length && same < b.length && a[same].toLowerCase() === b[same].toLowerCase()) same++;
            if (same === 0 && a.length > 0 && b.length > 0 && a[0].endsWith(':')) return right;
            return [...a.slice(same).fill('..'), ...b.slice(same)].join('\\');
        },
        toNamespacedPath(path) {
            if (typeof path !== 'string' || path === '') return path;
            const resolved = win32.resolve(path);
            if (/^[a-zA-Z]:\\/.test(resolved)) return `\\\\?\\${resolved}`;
            return /^\\\\[^?.]/.test(resolved) ? `\\\\?\\UNC\\${resolved.slice(2)}` : path;
        },
        dirname(path) {
            validateString(path, 'path');
            const { root } = splitRoot(path);
            let end = path.length;
            while (end > root.length && isSlash(path[end - 1])) end--;
            while (end > root.length && !isSlash(path[end - 1])) end--;
            if (end > root.length) end--;
            return path.slice(0, end) || '.';
        },
        basename(path, suffix) {
            validateString(path, 'path');
            return withoutSuffix(path, base(path), suffix);
        },
        extname(path) {
            validateString(path, 'path');
            return extensionOf(base(path));
        },
        format: formatPath.bind(null, '\\'),
        parse(path) {
            validateString(path, 'path');
            const { root } = splitRoot(path);
            const name = baseOf(path.slice(root.length), isSlash);
            const ext = extensionOf(name);
            const folder = win32.dirname(path);
            const dir = folder === '.' && !/^\.[\\/]/.test(path) ? root : folder;
            return { root, dir, base: name, ext, name: ext === '' ? name : name.slice(0, -ext.length) };
        },
        matchesGlob: (path, pattern) => matchesGlob(path, pattern, '\\\\/'),
        posix,
        win32: null,
    };
    win32.win32 = win32;
    return win32;
}

module.exports = { make };
