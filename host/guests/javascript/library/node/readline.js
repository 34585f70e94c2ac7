// `readline`: loads, and says what to use instead.

const { classes, functions } = require('node/internal/absent');

const INSTEAD = 'A function app has no terminal. To read lines of a text, split it; of a stream, use a for await loop.';

functions(module.exports, 'readline', ['createInterface', 'emitKeypressEvents'], INSTEAD);
classes(module.exports, 'readline', ['Interface'], INSTEAD, require('node/events'));
for (const name of ['clearLine', 'clearScreenDown', 'cursorTo', 'moveCursor']) module.exports[name] = () => true;
module.exports.promises = functions({}, 'readline.promises', ['createInterface'], INSTEAD);
