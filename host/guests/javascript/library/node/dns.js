// `dns`: names are resolved by the host when a request is made.

const { functions } = require('node/internal/absent');

const INSTEAD = 'The host resolves names when fetch or http.request is called.';
const NAMES = ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCaa', 'resolveCname',
    'resolveMx', 'resolveNaptr', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv', 'resolveTxt', 'reverse',
    'setServers'];

module.exports = {
    ADDRCONFIG: 32, ALL: 16, V4MAPPED: 8, NODATA: 'ENODATA', NOTFOUND: 'ENOTFOUND', SERVFAIL: 'ESERVFAIL',
    getServers: () => [],
    getDefaultResultOrder: () => 'verbatim',
    setDefaultResultOrder() {},
    Resolver: class Resolver {},
    promises: functions({ getServers: () => [], setDefaultResultOrder() {} }, 'dns.promises', NAMES, INSTEAD),
};
functions(module.exports, 'dns', NAMES, INSTEAD);
functions(module.exports.Resolver.prototype, 'dns.Resolver', NAMES, INSTEAD);
