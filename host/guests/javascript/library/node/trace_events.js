// `trace_events`: nothing is traced.

const { functions } = require('node/internal/absent');

module.exports = { getEnabledCategories: () => undefined };
functions(module.exports, 'trace_events', ['createTracing'], 'Log with console, or use diagnostics_channel.');
