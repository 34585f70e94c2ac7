// path: POSIX and Windows.
const assert = require('assert');
const path = require('path');

function table(object, label, rows) {
    for (const [name, values, expected] of rows) {
        test(`${label}${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`, () =>
            assert.deepStrictEqual(object[name](...values), expected));
    }
}
table(path, '', [
    ['join', ['/a', '../b', './c'], '/b/c'],
    ['join', ['a', '', 'b/'], 'a/b/'],
    ['join', [], '.'],
    ['join', ['', ''], '.'],
    ['join', ['a/..', '..'], '..'],
    ['join', ['/..', 'a'], '/a'],
    ['normalize', ['/a//b/./c/..'], '/a/b'],
    ['normalize', [''], '.'],
    ['normalize', ['./a/'], 'a/'],
    ['normalize', ['a/../..'], '..'],
    ['resolve', ['/a', 'b', '../c'], '/a/c'],
    ['resolve', ['/a', '/b'], '/b'],
    ['resolve', ['/a/'], '/a'],
    ['isAbsolute', ['/a'], true],
    ['isAbsolute', ['a'], false],
    ['isAbsolute', [''], false],
    ['relative', ['/a/b/c', '/a/d'], '../../d'],
    ['relative', ['/a', '/a'], ''],
    ['relative', ['/', '/x'], 'x'],
    ['relative', ['/x', '/'], '..'],
    ['relative', ['/foo/bar', '/foo/bar-baz'], '../bar-baz'],
    ['dirname', ['/a/b/c'], '/a/b'],
    ['dirname', ['a'], '.'],
    ['dirname', ['/a'], '/'],
    ['dirname', [''], '.'],
    ['dirname', ['a/b/'], 'a'],
    ['dirname', ['/'], '/'],
    ['basename', ['/a/b.html'], 'b.html'],
    ['basename', ['/a/b.html', '.html'], 'b'],
    ['basename', ['/a/b/'], 'b'],
    ['basename', ['/'], ''],
    ['basename', ['.html', '.html'], ''],
    ['basename', ['a.b.c', '.c'], 'a.b'],
    ['extname', ['a.b.c'], '.c'],
    ['extname', ['.bashrc'], ''],
    ['extname', ['a.'], '.'],
    ['extname', ['a/b'], ''],
    ['extname', ['..'], ''],
    ['extname', ['.a.b'], '.b'],
    ['parse', ['/home/user/file.txt'], { root: '/', dir: '/home/user', base: 'file.txt', ext: '.txt', name: 'file' }],
    ['parse', ['file'], { root: '', dir: '', base: 'file', ext: '', name: 'file' }],
    ['parse', ['./a/b.c'], { root: '', dir: './a', base: 'b.c', ext: '.c', name: 'b' }],
    ['parse', ['/'], { root: '/', dir: '/', base: '', ext: '', name: '' }],
    ['format', [{ dir: '/a', base: 'b.c' }], '/a/b.c'],
    ['format', [{ root: '/', name: 'a', ext: '.b' }], '/a.b'],
    ['format', [{ name: 'a', ext: 'b' }], 'a.b'],
]);
table(path.win32, 'win32.', [
    ['join', ['a', '..\\b'], 'b'],
    ['join', ['C:\\', 'a', 'b'], 'C:\\a\\b'],
    ['join', ['a/b', 'c'], 'a\\b\\c'],
    ['normalize', ['C:\\a\\..\\b'], 'C:\\b'],
    ['normalize', ['C:/a//b/'], 'C:\\a\\b\\'],
    ['resolve', ['C:\\a', '..\\b'], 'C:\\b'],
    ['resolve', ['C:\\a', 'D:\\b'], 'D:\\b'],
    ['isAbsolute', ['C:\\a'], true],
    ['isAbsolute', ['C:a'], false],
    ['isAbsolute', ['\\a'], true],
    ['relative', ['C:\\a\\b', 'C:\\a\\c'], '..\\c'],
    ['relative', ['C:\\a', 'D:\\b'], 'D:\\b'],
    ['dirname', ['C:\\a\\b'], 'C:\\a'],
    ['dirname', ['C:\\'], 'C:\\'],
    ['basename', ['C:\\a\\b.txt', '.txt'], 'b'],
    ['extname', ['a\\b.c'], '.c'],
    ['parse', ['C:\\path\\f.txt'], { root: 'C:\\', dir: 'C:\\path', base: 'f.txt', ext: '.txt', name: 'f' }],
    ['format', [{ dir: 'C:\\a', base: 'b' }], 'C:\\a\\b'],
]);
test('separators', () => {
    assert.strictEqual(path.sep, '/');
    assert.strictEqual(path.delimiter, ':');
    assert.strictEqual(path.win32.sep, '\\');
    assert.strictEqual(path.posix, path);
    assert.strictEqual(require('path/posix'), path);
    assert.strictEqual(require('path/win32'), path.win32);
});
test('resolve starts at the working folder', () =>
    assert.strictEqual(path.resolve('a'), path.join(process.cwd(), 'a')));
test('only strings', () => {
    assert.throws(() => path.join('a', 5), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => path.basename(null), { code: 'ERR_INVALID_ARG_TYPE' });
});
