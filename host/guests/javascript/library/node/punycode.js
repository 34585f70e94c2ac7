// `punycode` (RFC 3492), deprecated in Node and still loaded by older packages.

const { domainToASCII, domainToUnicode } = binding('url');

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;

function adapt(delta, count, first) {
    delta = first ? Math.floor(delta / 700) : delta >> 1;
    delta += Math.floor(delta / count);
    let k = 0;
    for (; delta > (BASE - T_MIN) * T_MAX >> 1; k += BASE) delta = Math.floor(delta / (BASE - T_MIN));
    return Math.floor(k + (BASE - T_MIN + 1) * delta / (delta + 38));
}

function threshold(k, bias) {
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

function decode(input) {
    const split = input.lastIndexOf('-');
    const out = split > 0 ? [...input.slice(0, split)].map((character) => character.codePointAt(0)) : [];
    if (out.some((code) => code >= 0x80)) throw new RangeError('Illegal input >= 0x80 (not a basic code point)');
    let n = 0x80;
    let i = 0;
    let bias = 72;
    for (let at = split > 0 ? split + 1 : 0; at < input.length;) {
        const before = i;
        for (let weight = 1, k = BASE; ; k += BASE) {
            if (at >= input.length) throw new RangeError('Invalid input');
            const digit = parseInt(input[at], 36);
            const value = Number.isNaN(digit) ? BASE : digit < 10 ? digit + 26 : digit - 10;
            at++;
            if (value >= BASE) throw new RangeError('Invalid input');
            i += value * weight;
            const t = threshold(k, bias);
            if (value < t) break;
            weight *= BASE - t;
        }
        bias = adapt(i - before, out.length + 1, before === 0);
        n += Math.floor(i / (out.length + 1));
        i %= out.length + 1;
        out.splice(i++, 0, n);
    }
    return String.fromCodePoint(...out);
}

function digitOf(value) {
    return value < 26 ? String.fromCharCode(97 + value) : String(value - 26);
}

function encode(input) {
    const codes = Array.from(input, (character) => character.codePointAt(0));
    const basic = codes.filter((code) => code < 0x80);
    let out = String.fromCharCode(...basic);
    let handled = basic.length;
    if (handled > 0) out += '-';
    let n = 0x80;
    let delta = 0;
    let bias = 72;
    while (handled < codes.length) {
        const next = Math.min(...codes.filter((code) => code >= n));
        delta += (next - n) * (handled + 1);
        n = next;
        for (const code of codes) {
            if (code < n) delta++;
            if (code !== n) continue;
            let rest = delta;
            for (let k = BASE; ; k += BASE) {
                const t = threshold(k, bias);
                if (rest < t) break;
                out += digitOf(t + (rest - t) % (BASE - t));
                rest = Math.floor((rest - t) / (BASE - t));
            }
            out += digitOf(rest);
            bias = adapt(delta, handled + 1, handled === basic.length);
            delta = 0;
            handled++;
        }
        delta++;
        n++;
    }
    return out;
}

module.exports = {
    version: '2.1.0', decode, encode,
    toASCII: (domain) => domainToASCII(domain) || domain,
    toUnicode: (domain) => domainToUnicode(domain) || domain,
    ucs2: {
        decode: (text) => Array.from(text, (character) => character.codePointAt(0)),
        encode: (codes) => String.fromCodePoint(...codes),
    },
};
