// process, console, os, and what only Hearth has.
const assert = require('assert');

const inHearth = process.versions.hearth !== undefined;

/** A test of what is different here; under Node it only says so. */
function here(name, run) {
    test(inHearth ? name : `${name} (not looked at: this is Node.js)`, inHearth ? run : () => {});
}

test('process is the module and is an EventEmitter', () => {
    assert.strictEqual(require('process'), process);
    assert(process instanceof require('events'));
    assert.strictEqual(Object.prototype.toString.call(process), '[object process]');
});
test('versions', () => {
    assert.match(process.version, /^v\d+\.\d+\.\d+$/);
    assert.strictEqual(process.version, `v${process.versions.node}`);
    assert(Number(process.versions.node.split('.')[0]) >= 20);
    assert.strictEqual(process.release.name, 'node');
    assert.strictEqual(process.platform, 'linux');
});
test('the environment is an object that can be written', () => {
    process.env.HEARTH_CONFORMANCE = 'yes';
    assert.strictEqual(process.env.HEARTH_CONFORMANCE, 'yes');
    assert('HEARTH_CONFORMANCE' in process.env);
    assert(Object.keys(process.env).includes('HEARTH_CONFORMANCE'));
    delete process.env.HEARTH_CONFORMANCE;
    assert.strictEqual(process.env.HEARTH_CONFORMANCE, undefined);
});
test('hrtime', () => {
    const start = process.hrtime();
    assert.strictEqual(start.length, 2);
    const [seconds, nanoseconds] = process.hrtime(start);
    assert(seconds >= 0 && nanoseconds >= 0 && nanoseconds < 1e9);
    assert.strictEqual(typeof process.hrtime.bigint(), 'bigint');
    assert(process.hrtime.bigint() <= process.hrtime.bigint());
    assert.throws(() => process.hrtime(5), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('uptime, cwd, argv and memory', () => {
    assert(process.uptime() >= 0);
    assert(process.cwd().startsWith('/'));
    assert(Array.isArray(process.argv));
    assert.strictEqual(typeof process.memoryUsage().heapUsed, 'number');
    assert.strictEqual(typeof process.pid, 'number');
});
test('nextTick with arguments', async () => {
    const seen = [];
    await new Promise((resolve) =>
        process.nextTick(
            (...values) => {
                seen.push(...values);
                resolve();
            },
            1,
            2,
        ),
    );
    assert.deepStrictEqual(seen, [1, 2]);
    assert.throws(() => process.nextTick(5), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('events of process', () => {
    let got;
    process.once('hearth', (value) => {
        got = value;
    });
    process.emit('hearth', 7);
    assert.strictEqual(got, 7);
});
test('stdout and stderr', () => {
    assert.strictEqual(typeof process.stdout.write, 'function');
    assert.strictEqual(process.stderr.fd, 2);
    assert.notStrictEqual(process.stdout.isTTY, true);
    assert.strictEqual(require('tty').isatty(1), false);
});
here('process.exit ends the invocation with an error', () => {
    assert.throws(
        () => process.exit(3),
        (error) =>
            error.code === 'ERR_PROCESS_EXIT' && error.exitCode === 3 && /process\.exit\(3\)/.test(error.message),
    );
});
here('what processes cannot do here', () => {
    assert.throws(() => process.chdir('/'), /process\.chdir is not available/);
    assert.throws(() => process.kill(1), /process\.kill is not available/);
});
test('os', () => {
    const os = require('os');
    assert.strictEqual(os.EOL, '\n');
    assert.strictEqual(os.platform(), 'linux');
    assert.strictEqual(os.type(), 'Linux');
    assert.strictEqual(os.tmpdir(), '/tmp');
    assert(os.cpus().length >= 1);
    assert.strictEqual(typeof os.hostname(), 'string');
    assert.strictEqual(os.constants.signals.SIGTERM, 15);
    assert.strictEqual(os.endianness(), 'LE');
});

function recorded(options = {}) {
    const { Writable } = require('stream');
    const lines = { out: '', err: '' };
    const to = (name) =>
        new Writable({
            write(chunk, encoding, callback) {
                lines[name] += chunk;
                callback();
            },
        });
    return { console: new console.Console({ stdout: to('out'), stderr: to('err'), ...options }), lines };
}
test('console has all methods', () => {
    for (const name of [
        'log',
        'info',
        'debug',
        'warn',
        'error',
        'trace',
        'dir',
        'dirxml',
        'table',
        'time',
        'timeEnd',
        'timeLog',
        'count',
        'countReset',
        'group',
        'groupCollapsed',
        'groupEnd',
        'assert',
        'clear',
    ])
        assert.strictEqual(typeof console[name], 'function', name);
    assert.strictEqual(require('console').log, console.log);
    const { log } = console;
    log('console.log can be called alone');
});
test('log and error format', () => {
    const { console: own, lines } = recorded();
    own.log('a %s', 'b', { c: 1 });
    own.info();
    own.error(new RangeError('boo').message, 1);
    own.warn('w');
    assert.strictEqual(lines.out, 'a b { c: 1 }\n\n');
    assert.strictEqual(lines.err, 'boo 1\nw\n');
});
test('group indents', () => {
    const { console: own, lines } = recorded();
    own.group('one');
    own.log('two\nlines');
    own.group();
    own.log('deep');
    own.groupEnd();
    own.groupEnd();
    own.groupEnd();
    own.log('out');
    assert.strictEqual(lines.out, 'one\n  two\n  lines\n    deep\nout\n');
});
test('count and countReset', () => {
    const { console: own, lines } = recorded();
    own.count();
    own.count();
    own.count('x');
    own.countReset();
    own.count();
    assert.strictEqual(lines.out, 'default: 1\ndefault: 2\nx: 1\ndefault: 1\n');
});
test('time', () => {
    const { console: own, lines } = recorded();
    own.time('t');
    own.timeLog('t', 'more');
    own.timeEnd('t');
    assert.match(lines.out, /^t: [\d.]+m?s more\nt: [\d.]+m?s\n$/);
});
test('assert', () => {
    const { console: own, lines } = recorded();
    own.assert(true, 'never');
    own.assert(false, 'it %s', 'failed');
    own.assert(false);
    assert.strictEqual(lines.err, 'Assertion failed: it failed\nAssertion failed\n');
});
test('trace', () => {
    const { console: own, lines } = recorded();
    own.trace('where %d', 1);
    assert.match(lines.err, /^Trace: where 1\n {4}at /);
});
test('dir', () => {
    const { console: own, lines } = recorded();
    own.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
    assert.strictEqual(lines.out, '{ a: [Object] }\n');
});
test('table of objects', () => {
    const { console: own, lines } = recorded();
    own.table([
        { a: 1, b: 'x' },
        { a: 2, c: true },
    ]);
    const cells = lines.out
        .split('\n')
        .filter((line) => line.startsWith('│'))
        .map((line) =>
            line
                .split('│')
                .slice(1, -1)
                .map((cell) => cell.trim()),
        );
    assert.deepStrictEqual(cells, [
        ['(index)', 'a', 'b', 'c'],
        ['0', '1', "'x'", ''],
        ['1', '2', '', 'true'],
    ]);
});
test('table of values, with columns, and of no table', () => {
    const { console: own, lines } = recorded();
    own.table([5]);
    own.table([{ a: 1, b: 2 }], ['b']);
    own.table('text');
    assert(lines.out.includes('Values') && lines.out.includes('5'));
    assert(!/\ba\b/.test(lines.out.split('(index)')[2]));
    assert(lines.out.endsWith('text\n'));
});
