// `fs`: the app's own package, read only. Nothing else of any file system exists, so whatever writes fails with EROFS.

const files = binding('package');
const { Buffer } = require('node/buffer');
const { invalidArgType, notAvailable, validateFunction } = require('node/internal/errors');
const { posix } = require('node/path');

const ROOT = '/home/site/wwwroot';
const NONE = 0;
const FILE = 1;
const DIRECTORY = 2;
const ERRORS = {
    ENOENT: [-2, 'no such file or directory'],
    EACCES: [-13, 'permission denied'],
    EBADF: [-9, 'bad file descriptor'],
    ENOTDIR: [-20, 'not a directory'],
    EISDIR: [-21, 'illegal operation on a directory'],
    EINVAL: [-22, 'invalid argument'],
    EROFS: [-30, 'read-only file system'],
};

const constants = Object.freeze({
    F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4,
    O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_NOCTTY: 256, O_TRUNC: 512, O_APPEND: 1024,
    O_DIRECTORY: 65536, O_NOFOLLOW: 131072, O_SYNC: 1052672, O_DSYNC: 4096, O_NONBLOCK: 2048,
    S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, S_IFCHR: 8192, S_IFBLK: 24576, S_IFIFO: 4096, S_IFLNK: 40960,
    S_IFSOCK: 49152, S_IRWXU: 448, S_IRUSR: 256, S_IWUSR: 128, S_IXUSR: 64, S_IRWXG: 56, S_IRGRP: 32, S_IWGRP: 16,
    S_IXGRP: 8, S_IRWXO: 7, S_IROTH: 4, S_IWOTH: 2, S_IXOTH: 1,
});

function systemError(code, syscall, path, hint = '') {
    const [errno, text] = ERRORS[code];
    const error = new Error(`${code}: ${text}, ${syscall}${path === undefined ? '' : ` '${path}'`}${hint}`);
    return Object.assign(error, { errno, code, syscall }, path === undefined ? undefined : { path });
}

function readOnly(syscall, path) {
    return systemError('EROFS', syscall, path,
        '. The files of a function app are read only; keep data in a binding, a store or memory');
}

/** The text of a path argument. */
function pathText(path) {
    if (typeof path === 'string') return path;
    if (path instanceof globalThis.URL) return require('node/url').fileURLToPath(path);
    if (path instanceof Uint8Array) return Buffer.from(path).toString();
    throw invalidArgType('path', ['string', 'Buffer', 'URL'], path);
}

/** What is at a path: its kind, and its path from the package's root. */
function locate(path) {
    const absolute = posix.resolve(ROOT, pathText(path));
    if (absolute === ROOT) return { kind: DIRECTORY, inside: '' };
    if (absolute.startsWith(`${ROOT}/`)) {
        const inside = absolute.slice(ROOT.length + 1);
        return { kind: files.stat(inside), inside };
    }
    return { kind: absolute === '/' || `${ROOT}/`.startsWith(`${absolute}/`) ? DIRECTORY : NONE, inside: undefined };
}

class Stats {
    #kind;

    constructor(kind, size) {
        this.#kind = kind;
        this.dev = 0;
        this.mode = kind === DIRECTORY ? constants.S_IFDIR | 0o555 : constants.S_IFREG | 0o444;
        this.nlink = 1;
        this.uid = 0;
        this.gid = 0;
        this.rdev = 0;
        this.blksize = 4096;
        this.ino = 0;
        this.size = size;
        this.blocks = Math.ceil(size / 512);
        for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
            this[`${name}Ms`] = 0;
            this[name] = new Date(0);
        }
    }

    isFile() { return this.#kind === FILE; }
    isDirectory() { return this.#kind === DIRECTORY; }
    isSymbolicLink() { return false; }
    isBlockDevice() { return false; }
    isCharacterDevice() { return false; }
    isFIFO() { return false; }
    isSocket() { return false; }
}

class Dirent {
    #kind;

    constructor(name, parentPath, kind) {
        this.name = name;
        this.parentPath = parentPath;
        this.path = parentPath;
        this.#kind = kind;
    }

    isFile() { return this.#kind === FILE; }
    isDirectory() { return this.#kind === DIRECTORY; }
    isSymbolicLink() { return false; }
    isBlockDevice() { return false; }
    isCharacterDevice() { return false; }
    isFIFO() { return false; }
    isSocket() { return false; }
}

function readBytes(path) {
    const { kind, inside } = locate(path);
    if (kind === DIRECTORY) throw systemError('EISDIR', 'read');
    const bytes = kind === FILE ? files.read(inside) : null;
    if (bytes === null || bytes === undefined) throw systemError('ENOENT', 'open', pathText(path));
    return Object.setPrototypeOf(bytes, Buffer.prototype);
}

function encodingOf(options) {
    return typeof options === 'string' ? options : options?.encoding;
}

const open = new Map();

function readFileSync(path, options) {
    const writes = options && typeof options === 'object' && /[wa+]/.test(String(options.flag ?? 'r'));
    if (writes) throw readOnly('open', pathText(path));
    const bytes = typeof path === 'number' ? fileOf(path).bytes : readBytes(path);
    const encoding = encodingOf(options);
    return encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes;
}

function existsSync(path) {
    try {
        return locate(path).kind !== NONE;
    } catch {
        return false;
    }
}

function statOf(syscall, path, options) {
    const { kind, inside } = locate(path);
    if (kind === NONE) {
        if (options?.throwIfNoEntry === false) return undefined;
        throw systemError('ENOENT', syscall, pathText(path));
    }
    return new Stats(kind, kind === FILE ? files.read(inside).length : 0);
}

function accessSync(path, mode = constants.F_OK) {
    if (locate(path).kind === NONE) throw systemError('ENOENT', 'access', pathText(path));
    if (mode & constants.W_OK) throw readOnly('access', pathText(path));
}

function readdirSync(path, options) {
    const { kind, inside } = locate(path);
    if (kind === NONE) throw systemError('ENOENT', 'scandir', pathText(path));
    if (kind === FILE) throw systemError('ENOTDIR', 'scandir', pathText(path));
    const top = posix.resolve(ROOT, pathText(path));
    const out = [];
    const list = (folder, prefix) => {
        for (const name of files.names(folder)) {
            const child = folder === '' ? name : `${folder}/${name}`;
            const childKind = files.stat(child);
            const parent = prefix === '' ? top : `${top}/${prefix.slice(0, -1)}`;
            out.push(options?.withFileTypes ? new Dirent(name, parent, childKind) : `${prefix}${name}`);
            if (options?.recursive && childKind === DIRECTORY) list(child, `${prefix}${name}/`);
        }
    };
    if (inside === undefined) {
        const next = ROOT.slice(top === '/' ? 1 : top.length + 1).split('/')[0];
        out.push(options?.withFileTypes ? new Dirent(next, top, DIRECTORY) : next);
    } else {
        list(inside, '');
    }
    return encodingOf(options) === 'buffer' ? out.map((name) => Buffer.from(name)) : out;
}

function realpathSync(path) {
    if (locate(path).kind === NONE) throw systemError('ENOENT', 'lstat', pathText(path));
    return posix.resolve(ROOT, pathText(path));
}

function fileOf(fd) {
    const file = open.get(fd);
    if (file === undefined) throw systemError('EBADF', 'read');
    return file;
}

function openSync(path, flags = 'r') {
    if (flags !== 'r' && flags !== 'rs' && flags !== constants.O_RDONLY) throw readOnly('open', pathText(path));
    let fd = 20;
    while (open.has(fd)) fd++;
    open.set(fd, { bytes: readBytes(path), position: 0 });
    return fd;
}

function readSync(fd, buffer, offset = 0, length = undefined, position = null) {
    if (offset !== null && typeof offset === 'object') ({ offset = 0, length, position = null } = offset);
    const file = fileOf(fd);
    const from = position === null || position === undefined || position < 0 ? file.position : Number(position);
    const count = file.bytes.copy(buffer, offset, from, from + (length ?? buffer.byteLength - offset));
    if (position === null || position === undefined || position < 0) file.position += count;
    return count;
}

function closeSync(fd) {
    if (!open.delete(fd)) throw systemError('EBADF', 'close');
}

function createReadStream(path, options) {
    const { Readable } = require('node/stream');
    const settings = typeof options === 'string' ? { encoding: options } : { ...options };
    const { start = 0, end = Infinity, highWaterMark = 65536 } = settings;
    let bytes;
    let at = start;
    const stream = new Readable({
        ...settings,
        highWaterMark,
        construct(callback) {
            try {
                bytes = readBytes(path);
                callback();
                stream.emit('open', 20);
                stream.emit('ready');
            } catch (error) {
                callback(error);
            }
        },
        read(size) {
            const stop = Math.min(bytes.length, end + 1, at + size);
            const chunk = bytes.subarray(at, stop);
            at = stop;
            stream.bytesRead += chunk.length;
            stream.push(chunk.length > 0 ? chunk : null);
        },
    });
    return Object.assign(stream, { path, bytesRead: 0 });
}

const readers = {
    access: accessSync, lstat: statOf.bind(null, 'lstat'), open: openSync, close: closeSync, readdir: readdirSync,
    readFile: readFileSync, realpath: realpathSync, stat: statOf.bind(null, 'stat'),
    readlink: (path) => { throw systemError(existsSync(path) ? 'EINVAL' : 'ENOENT', 'readlink', pathText(path)); },
    fstat: (fd) => new Stats(FILE, fileOf(fd).bytes.length),
};
const WRITERS = [
    'appendFile',
    'chmod',
    'chown',
    'copyFile',
    'cp',
    'fchmod',
    'fchown',
    'fdatasync',
    'fsync',
    'ftruncate',
    'futimes',
    'lchmod',
    'lchown',
    'link',
    'lutimes',
    'mkdir',
    'mkdtemp',
    'rename',
    'rm',
    'rmdir',
    'symlink',
    'truncate',
    'unlink',
    'utimes',
    'writeFile',
    'writev',
];

function pathOrUndefined(path) {
    return typeof path === 'number' || path === undefined ? undefined : pathText(path);
}

const fs = { Dirent, Stats, constants, createReadStream, existsSync, readSync };
const promises = { constants };
Object.assign(fs, { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 });

/** Adds a function in its three forms: returning, with a callback, with a promise. */
function add(name, run) {
    const forms = {
        sync: (...values) => run(...values),
        callback: (...values) => {
            const done = values.pop();
            validateFunction(done, 'cb');
            const { nextTick } = require('internal/timers');
            let result;
            try {
                result = run(...values);
            } catch (error) {
                nextTick(done, error);
                return;
            }
            nextTick(done, null, result);
        },
        promise: async (...values) => run(...values),
    };
    for (const form of Object.keys(forms)) {
        Object.defineProperty(forms[form], 'name', { value: form === 'sync' ? `${name}Sync` : name });
    }
    fs[`${name}Sync`] = forms.sync;
    fs[name] = forms.callback;
    promises[name] = forms.promise;
}

for (const name of Object.keys(readers)) add(name, readers[name]);
for (const name of WRITERS) {
    const syscall = /^(?:write|append)File$/.test(name) ? 'open' : name.toLowerCase();
    add(name, (path) => { throw readOnly(syscall, pathOrUndefined(path)); });
}

/** Descriptors 1 and 2 are the log, to which logging packages write in this way. */
add('write', (fd, data, offset, length) => {
    if (fd !== 1 && fd !== 2) throw readOnly('write');
    const isText = typeof data === 'string';
    const start = isText ? 0 : offset ?? 0;
    const chunk = isText ? data : data.subarray(start, start + (length ?? data.length - start));
    const process = require('node/process');
    (fd === 1 ? process.stdout : process.stderr).write(chunk);
    return isText ? Buffer.byteLength(chunk) : chunk.length;
});
delete promises.write;

class FileHandle {
    constructor(fd) { this.fd = fd; }
    async readFile(options) { return readFileSync(this.fd, options); }
    async read(buffer, ...rest) { return { bytesRead: readSync(this.fd, buffer, ...rest), buffer }; }
    async stat() { return readers.fstat(this.fd); }
    async close() { if (this.fd >= 0) closeSync(this.fd); this.fd = -1; }
}
promises.open = async (path, flags) => new FileHandle(openSync(path, flags));
delete promises.close;
delete promises.fstat;

fs.realpathSync.native = fs.realpathSync;
fs.realpath.native = fs.realpath;
fs.read = (fd, buffer, ...rest) => {
    const done = rest.pop();
    try {
        const count = readSync(fd, buffer, ...rest);
        require('internal/timers').nextTick(done, null, count, buffer);
    } catch (error) {
        require('internal/timers').nextTick(done, error);
    }
};
fs.exists = (path, callback) => { require('internal/timers').nextTick(callback, existsSync(path)); };
fs.exists[Symbol.for('nodejs.util.promisify.custom')] = async (path) => existsSync(path);
fs.createWriteStream = (path) => { throw readOnly('open', pathOrUndefined(path)); };
for (const name of ['watch', 'watchFile', 'unwatchFile']) {
    fs[name] = () => { throw notAvailable(`fs.${name}`, 'The files of an app never change while it runs.'); };
}
fs.ReadStream = function ReadStream(path, options) { return createReadStream(path, options); };
fs.WriteStream = function WriteStream(path) { throw readOnly('open', pathOrUndefined(path)); };
fs.promises = promises;
module.exports = fs;
