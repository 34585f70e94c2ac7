// `readline/promises`.

module.exports = require('node/readline').promises;
