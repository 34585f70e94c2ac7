// `child_process`: loads, and says what to use instead.

const { classes, functions } = require('node/internal/absent');

const INSTEAD = 'A function app cannot start processes; call another function, or a service with fetch.';

functions(
    module.exports,
    'child_process',
    ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'],
    INSTEAD,
);
classes(module.exports, 'child_process', ['ChildProcess'], INSTEAD, require('node/events'));
