// `util/types`.

module.exports = require('node/internal/types').types;
