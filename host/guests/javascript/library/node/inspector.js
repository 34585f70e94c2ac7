// `inspector`: there is none; packages that ask whether it is on are told that it is not.

const { classes, functions } = require('node/internal/absent');

module.exports = {
    console: {},
    close() {},
    url: () => undefined,
};
functions(module.exports, 'inspector', ['open', 'waitForDebugger'], 'The engine has no debugger; log with console.');
classes(module.exports, 'inspector', ['Session'], 'The engine has no debugger.', require('node/events'));
