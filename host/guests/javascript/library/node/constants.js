// `constants`, the deprecated sum of the constants of `os` and `fs`.

const os = require('node/os').constants;

module.exports = Object.freeze({ ...os.errno, ...os.signals, ...os.priority, ...require('node/fs').constants });
