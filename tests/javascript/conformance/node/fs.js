// fs: the app's own files, read only.
const assert = require('assert');
const fs = require('fs');
const path = require('path');

const inHearth = process.versions.hearth !== undefined;
const own = __filename;

function here(name, run) {
    test(inHearth ? name : `${name} (not looked at: Node.js can write)`, inHearth ? run : () => {});
}

test('readFileSync', () => {
    assert(Buffer.isBuffer(fs.readFileSync(own)));
    assert(fs.readFileSync(own, 'utf8').startsWith('// fs: the app'));
    assert(fs.readFileSync(own, { encoding: 'latin1' }).startsWith('// fs: the app'));
    assert.strictEqual(fs.readFileSync(Buffer.from(own)).length, fs.statSync(own).size);
    assert.strictEqual(fs.readFileSync(require('url').pathToFileURL(own)).length, fs.statSync(own).size);
});
test('a file that is not there', () => {
    assert.throws(() => fs.readFileSync(path.join(__dirname, 'nope.txt')), {
        code: 'ENOENT',
        errno: -2,
        syscall: 'open',
        path: path.join(__dirname, 'nope.txt'),
        message: `ENOENT: no such file or directory, open '${path.join(__dirname, 'nope.txt')}'`,
    });
    assert.throws(() => fs.statSync('/nowhere/x'), { code: 'ENOENT', syscall: 'stat' });
    assert.strictEqual(fs.statSync('/nowhere/x', { throwIfNoEntry: false }), undefined);
    assert.throws(() => fs.readFileSync(__dirname), { code: 'EISDIR' });
    assert.throws(() => fs.readFileSync({}), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('existsSync and accessSync', () => {
    assert.strictEqual(fs.existsSync(own), true);
    assert.strictEqual(fs.existsSync(path.join(__dirname, 'nope')), false);
    assert.strictEqual(fs.existsSync(undefined), false);
    fs.accessSync(own, fs.constants.R_OK);
    assert.throws(() => fs.accessSync('/nowhere'), { code: 'ENOENT' });
});
test('stat', () => {
    const file = fs.statSync(own);
    assert.strictEqual(file.isFile(), true);
    assert.strictEqual(file.isDirectory(), false);
    assert(file.mtime instanceof Date);
    assert.strictEqual(fs.lstatSync(__dirname).isDirectory(), true);
});
test('readdir', () => {
    assert(fs.readdirSync(__dirname).includes(path.basename(own)));
    const entry = fs.readdirSync(__dirname, { withFileTypes: true }).find(({ name }) => name === path.basename(own));
    assert.strictEqual(entry.isFile(), true);
    assert.throws(() => fs.readdirSync(own), { code: 'ENOTDIR' });
    assert.throws(() => fs.readdirSync('/nowhere'), { code: 'ENOENT' });
});
test('callbacks', async () => {
    const text = await new Promise((resolve, reject) =>
        fs.readFile(own, 'utf8', (error, value) => (error ? reject(error) : resolve(value))),
    );
    assert(text.startsWith('//'));
    const error = await new Promise((resolve) => fs.readFile('/nowhere', resolve));
    assert.strictEqual(error.code, 'ENOENT');
    const stat = await new Promise((resolve) => fs.stat(own, (failure, value) => resolve(value)));
    assert.strictEqual(stat.isFile(), true);
    assert.strictEqual(await new Promise((resolve) => fs.exists(own, resolve)), true);
    assert.throws(() => fs.readFile(own), { code: 'ERR_INVALID_ARG_TYPE' });
});
test('promises', async () => {
    assert.strictEqual(fs.promises, require('fs/promises'));
    assert((await fs.promises.readFile(own, 'utf8')).startsWith('//'));
    assert.strictEqual((await fs.promises.stat(own)).isFile(), true);
    assert((await fs.promises.readdir(__dirname)).length > 0);
    await assert.rejects(fs.promises.readFile('/nowhere'), { code: 'ENOENT' });
    await fs.promises.access(own);
    const handle = await fs.promises.open(own, 'r');
    assert((await handle.readFile('utf8')).startsWith('//'));
    await handle.close();
    assert.strictEqual(await require('util').promisify(fs.exists)(own), true);
});
test('open, read and close', () => {
    const fd = fs.openSync(own, 'r');
    const buffer = Buffer.alloc(5);
    assert.strictEqual(fs.readSync(fd, buffer, 0, 5, 0), 5);
    assert.strictEqual(buffer.toString(), '// fs');
    assert.strictEqual(fs.fstatSync(fd).isFile(), true);
    fs.closeSync(fd);
    assert.throws(() => fs.closeSync(fd), { code: 'EBADF' });
});
test('createReadStream', async () => {
    const chunks = [];
    for await (const chunk of fs.createReadStream(own, { start: 3, end: 4 })) chunks.push(chunk);
    assert.strictEqual(Buffer.concat(chunks).toString(), 'fs');
    const error = await new Promise((resolve) => fs.createReadStream('/nowhere').on('error', resolve));
    assert.strictEqual(error.code, 'ENOENT');
});
test('realpath', () => assert.strictEqual(fs.realpathSync(path.join(__dirname, '.', 'x', '..')), __dirname));
test('relative paths start at the working folder', () =>
    assert.strictEqual(fs.existsSync(path.relative(process.cwd(), own)), true));
here('what writes fails and says why', async () => {
    const write = () => fs.writeFileSync(path.join(__dirname, 'x'), 'y');
    assert.throws(write, { code: 'EROFS', errno: -30, syscall: 'open' });
    assert.throws(write, /read-only file system, open '.*x'\. The files of a function app are read only/);
    for (const name of [
        'mkdirSync',
        'unlinkSync',
        'appendFileSync',
        'rmSync',
        'renameSync',
        'copyFileSync',
        'mkdtempSync',
    ]) {
        assert.throws(() => fs[name]('/tmp/x', '/tmp/y'), { code: 'EROFS' }, name);
    }
    await assert.rejects(fs.promises.writeFile('/tmp/x', 'y'), { code: 'EROFS' });
    assert.throws(() => fs.createWriteStream('/tmp/x'), { code: 'EROFS' });
    assert.throws(() => fs.accessSync(own, fs.constants.W_OK), { code: 'EROFS' });
});
here('nothing outside the package is there', () => {
    for (const file of ['/etc/passwd', '/proc/self/environ', path.join(__dirname, '../../../../etc/passwd')]) {
        assert.strictEqual(fs.existsSync(file), false, file);
        assert.throws(() => fs.readFileSync(file), { code: 'ENOENT' });
    }
    assert.deepStrictEqual(fs.readdirSync('/'), ['home']);
});
