// Decompression of DEFLATE (RFC 1951) with its two wrappings, zlib (RFC 1950) and gzip (RFC 1952).

const { nodeError } = require('node/internal/errors');

const LENGTH_BASE = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function dataError(message) {
    return Object.assign(nodeError(Error, 'Z_DATA_ERROR', message), { errno: -3 });
}

function bufferError() {
    return Object.assign(nodeError(Error, 'Z_BUF_ERROR', 'unexpected end of file'), { errno: -5 });
}

/** A canonical Huffman code: how many codes there are of each length, and their symbols in order. */
function huffman(lengths) {
    const counts = new Uint16Array(16);
    for (const length of lengths) counts[length]++;
    counts[0] = 0;
    const offsets = new Uint16Array(16);
    for (let i = 1; i < 16; i++) offsets[i] = offsets[i - 1] + counts[i - 1];
    const symbols = new Uint16Array(lengths.length);
    for (let i = 0; i < lengths.length; i++) if (lengths[i] !== 0) symbols[offsets[lengths[i]]++] = i;
    return { counts, symbols };
}

let fixed;

function fixedCodes() {
    const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    fixed ??= [huffman(lengths), huffman(new Array(30).fill(5))];
    return fixed;
}

class Inflater {
    constructor(input, at, maxLength) {
        this.input = input;
        this.at = at;
        this.maxLength = maxLength;
        this.bits = 0;
        this.bitCount = 0;
        this.out = new Uint8Array(Math.max(1024, input.length * 4));
        this.length = 0;
    }

    take(count) {
        while (this.bitCount < count) {
            if (this.at >= this.input.length) throw bufferError();
            this.bits |= this.input[this.at++] << this.bitCount;
            this.bitCount += 8;
        }
        const value = this.bits & ((1 << count) - 1);
        this.bits >>>= count;
        this.bitCount -= count;
        return value;
    }

    symbol({ counts, symbols }) {
        let code = 0;
        let first = 0;
        let index = 0;
        for (let length = 1; length < 16; length++) {
            code |= this.take(1);
            const count = counts[length];
            if (code - count < first) return symbols[index + code - first];
            index += count;
            first = first + count << 1;
            code <<= 1;
        }
        throw dataError('invalid code');
    }

    reserve(count) {
        const needed = this.length + count;
        if (needed > this.maxLength) {
            throw nodeError(
                RangeError,
                'ERR_BUFFER_TOO_LARGE',
                `Cannot create a Buffer larger than ${this.maxLength} bytes`,
            );
        }
        if (needed <= this.out.length) return;
        const larger = new Uint8Array(Math.max(needed, this.out.length * 2));
        larger.set(this.out);
        this.out = larger;
    }

    run() {
        let last;
        do {
            last = this.take(1);
            const type = this.take(2);
            if (type === 0) this.stored();
            else if (type === 1) this.compressed(...fixedCodes());
            else if (type === 2) this.compressed(...this.dynamicCodes());
            else throw dataError('invalid block type');
        } while (!last);
        return this.out.subarray(0, this.length);
    }

    stored() {
        this.bits = this.bitCount = 0;
        const { input } = this;
        if (this.at + 4 > input.length) throw bufferError();
        const length = input[this.at] | input[this.at + 1] << 8;
        if ((length ^ 0xffff) !== (input[this.at + 2] | (input[this.at + 3] << 8)))
            throw dataError('invalid stored block lengths');
        this.at += 4;
        if (this.at + length > input.length) throw bufferError();
        this.reserve(length);
        this.out.set(input.subarray(this.at, this.at + length), this.length);
        this.at += length;
        this.length += length;
    }

    dynamicCodes() {
        const literals = this.take(5) + 257;
        const distances = this.take(5) + 1;
        const codes = this.take(4) + 4;
        const lengths = new Uint8Array(19);
        for (let i = 0; i < codes; i++) lengths[CODE_ORDER[i]] = this.take(3);
        const code = huffman(lengths);
        const all = new Uint8Array(literals + distances);
        for (let i = 0; i < all.length;) {
            const symbol = this.symbol(code);
            if (symbol < 16) {
                all[i++] = symbol;
                continue;
            }
            if (symbol === 16 && i === 0) throw dataError('invalid bit length repeat');
            const value = symbol === 16 ? all[i - 1] : 0;
            const count = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
            if (i + count > all.length) throw dataError('invalid bit length repeat');
            all.fill(value, i, i + count);
            i += count;
        }
        return [huffman(all.subarray(0, literals)), huffman(all.subarray(literals))];
    }

    compressed(literalCode, distanceCode) {
        for (;;) {
            const symbol = this.symbol(literalCode);
            if (symbol === 256) return;
            if (symbol < 256) {
                this.reserve(1);
                this.out[this.length++] = symbol;
                continue;
            }
            if (symbol > 285) throw dataError('invalid literal/length code');
            const length = LENGTH_BASE[symbol - 257] + this.take(LENGTH_BITS[symbol - 257]);
            const code = this.symbol(distanceCode);
            if (code > 29) throw dataError('invalid distance code');
            const distance = DISTANCE_BASE[code] + this.take(DISTANCE_BITS[code]);
            if (distance > this.length) throw dataError('invalid distance too far back');
            this.reserve(length);
            const { out } = this;
            for (let i = 0; i < length; i++, this.length++) out[this.length] = out[this.length - distance];
        }
    }
}

function gzipHeaderEnd(input) {
    if (input.length < 18) throw bufferError();
    const flags = input[3];
    let at = 10;
    if (flags & 4) at += 2 + (input[at] | input[at + 1] << 8);
    for (const flag of [8, 16]) {
        if (flags & flag) {
            at = input.indexOf(0, at) + 1;
            if (at === 0) throw bufferError();
        }
    }
    return flags & 2 ? at + 2 : at;
}

function isGzip(input) {
    return input[0] === 0x1f && input[1] === 0x8b;
}

function gunzip(input, maxLength) {
    if (!isGzip(input)) throw dataError('incorrect header check');
    const parts = [];
    let rest = input;
    do {
        const inflater = new Inflater(rest, gzipHeaderEnd(rest), maxLength);
        parts.push(inflater.run());
        rest = rest.subarray(inflater.at + 8);
    } while (isGzip(rest));
    return parts.length === 1 ? parts[0] : require('node/buffer').Buffer.concat(parts);
}

function inflate(input, maxLength) {
    if (input.length < 2) throw bufferError();
    if ((input[0] & 15) !== 8 || (input[0] << 8 | input[1]) % 31 !== 0) throw dataError('incorrect header check');
    return new Inflater(input, 2, maxLength).run();
}

function inflateRaw(input, maxLength) {
    return new Inflater(input, 0, maxLength).run();
}

function unzip(input, maxLength) {
    return isGzip(input) ? gunzip(input, maxLength) : inflate(input, maxLength);
}

module.exports = { gunzip, inflate, inflateRaw, unzip };
