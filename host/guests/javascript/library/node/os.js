// `os`: what a sandbox can say of its machine, which is little; the values are harmless and the same everywhere.

const signals = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGILL: 4,
    SIGTRAP: 5,
    SIGABRT: 6,
    SIGBUS: 7,
    SIGFPE: 8,
    SIGKILL: 9,
    SIGUSR1: 10,
    SIGSEGV: 11,
    SIGUSR2: 12,
    SIGPIPE: 13,
    SIGALRM: 14,
    SIGTERM: 15,
    SIGCHLD: 17,
    SIGCONT: 18,
    SIGSTOP: 19,
    SIGWINCH: 28,
};
const errno = {
    E2BIG: 7, EACCES: 13, EADDRINUSE: 98, EAGAIN: 11, EBADF: 9, EBUSY: 16, ECONNABORTED: 103, ECONNREFUSED: 111,
    ECONNRESET: 104, EEXIST: 17, EHOSTUNREACH: 113, EINTR: 4, EINVAL: 22, EIO: 5, EISDIR: 21, EMFILE: 24, ENOENT: 2,
    ENOMEM: 12, ENOSPC: 28, ENOSYS: 38, ENOTDIR: 20, ENOTEMPTY: 39, ENOTSUP: 95, EPERM: 1, EPIPE: 32, EROFS: 30,
    ETIMEDOUT: 110,
};
const priority = {
    PRIORITY_LOW: 19, PRIORITY_BELOW_NORMAL: 10, PRIORITY_NORMAL: 0, PRIORITY_ABOVE_NORMAL: -7, PRIORITY_HIGH: -14,
    PRIORITY_HIGHEST: -20,
};
const MEBIBYTE = 1024 * 1024;

module.exports = {
    EOL: '\n',
    devNull: '/dev/null',
    constants: { UV_UDP_REUSEADDR: 4, dlopen: {}, errno, signals, priority },
    arch: () => 'wasm32',
    availableParallelism: () => 1,
    cpus: () => [{ model: 'WebAssembly', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
    endianness: () => 'LE',
    freemem: () => 128 * MEBIBYTE,
    totalmem: () => 256 * MEBIBYTE,
    getPriority: () => 0,
    setPriority() {},
    homedir: () => '/home',
    hostname: () => require('node/process').env.WEBSITE_HOSTNAME ?? 'localhost',
    loadavg: () => [0, 0, 0],
    machine: () => 'wasm32',
    networkInterfaces: () => ({}),
    platform: () => 'linux',
    release: () => '',
    tmpdir: () => '/tmp',
    type: () => 'Linux',
    uptime: () => require('node/process').uptime(),
    userInfo: () => ({ uid: -1, gid: -1, username: 'app', homedir: '/home', shell: null }),
    version: () => '',
};
