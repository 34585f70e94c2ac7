// `util.format`: printf as Node has it. A single string, the commonest call of console.log, is given back as it is.

const { inspect } = require('node/internal/inspect');
const { formatBigInt, formatNumber, plain } = require('node/internal/inspect_text');
const { classOf } = require('node/internal/types');

const shallow = { depth: 0, colors: false, compact: 3 };

/** Whether `String(value)` would say something the author wrote. */
function hasOwnText(value) {
    if (classOf(value) === 'Proxy') return false;
    if (typeof value[Symbol.toPrimitive] === 'function' && classOf(value) !== 'Date') return true;
    const { toString } = value;
    if (typeof toString !== 'function') return false;
    if (toString === Object.prototype.toString || toString === Error.prototype.toString) return false;
    if (Object.prototype.hasOwnProperty.call(value, 'toString')) return true;
    let holder = value;
    while (holder !== null && !Object.prototype.hasOwnProperty.call(holder, 'toString')) {
        holder = Object.getPrototypeOf(holder);
    }
    const maker = holder && holder.constructor;
    return typeof maker === 'function' && !(maker.name in globalThis && globalThis[maker.name] === maker);
}

function formatText(value, options) {
    switch (typeof value) {
        case 'string': return value;
        case 'number': return formatNumber(plain, value, false);
        case 'bigint': return formatBigInt(plain, value, false);
        case 'object':
            if (value === null) return 'null';
            return hasOwnText(value) ? String(value) : inspect(value, { ...options, ...shallow });
        default: return String(value);
    }
}

function formatInteger(value) {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol') return 'NaN';
    return formatNumber(plain, parseInt(value, 10), false);
}

function formatDecimal(value) {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol' || (typeof value === 'object' && value !== null)) {
        return typeof value === 'symbol' ? 'NaN' : formatNumber(plain, Number(value), false);
    }
    return formatNumber(plain, Number(value), false);
}

function formatJson(value) {
    try {
        return JSON.stringify(value);
    } catch (error) {
        if (/circular/i.test(error.message)) return '[Circular]';
        throw error;
    }
}

function substitute(letter, value, options) {
    switch (letter) {
        case 's': return formatText(value, options);
        case 'd': return formatDecimal(value);
        case 'i': return formatInteger(value);
        case 'f': return typeof value === 'symbol' ? 'NaN' : formatNumber(plain, parseFloat(value), false);
        case 'j': return formatJson(value);
        case 'o': return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
        case 'O': return inspect(value, options);
        case 'c': return '';
        default: return undefined;
    }
}

function formatArguments(options, values) {
    const first = values[0];
    if (values.length === 1) return typeof first === 'string' ? first : inspect(first, options);
    let out = '';
    let next = 0;
    if (typeof first === 'string') {
        next = 1;
        let done = 0;
        for (let at = first.indexOf('%'); at >= 0 && at < first.length - 1; at = first.indexOf('%', at + 2)) {
            const letter = first[at + 1];
            if (letter === '%') {
                out += first.slice(done, at + 1);
                done = at + 2;
            } else if (next < values.length) {
                const text = substitute(letter, values[next], options);
                if (text === undefined && !'sdifjoOc'.includes(letter)) {
                    at--;
                    continue;
                }
                out += first.slice(done, at) + text;
                done = at + 2;
                next++;
            }
        }
        out += first.slice(done);
    }
    for (; next < values.length; next++) {
        const value = values[next];
        if (next > 0) out += ' ';
        out += typeof value === 'string' ? value : inspect(value, options);
    }
    return out;
}

function format(...values) {
    return values.length === 0 ? '' : formatArguments(undefined, values);
}

function formatWithOptions(options, ...values) {
    return values.length === 0 ? '' : formatArguments(options, values);
}

module.exports = { format, formatArguments, formatWithOptions };
