const rates = require('../data/rates.json');

// Lives as long as the instance that loaded this module: every function of the app finds it, and so does the next call.
const factors = new Map();

exports.currencies = Object.keys(rates);

/** What one unit of `from` is in `to`, and whether it had been computed before; undefined for an unknown currency. */
exports.factor = (from, to) => {
    const key = `${from}/${to}`;
    const known = factors.get(key);
    if (known !== undefined) {
        return { value: known, cached: true };
    }
    if (!Object.hasOwn(rates, from) || !Object.hasOwn(rates, to)) {
        return undefined;
    }
    const value = rates[to] / rates[from];
    factors.set(key, value);
    return { value, cached: false };
};

exports.cachedPairs = () => [...factors.keys()];
