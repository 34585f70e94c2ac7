// `string_decoder`: text from chunks of bytes, where a character may be cut in two.

const { Buffer } = require('node/buffer');
const encodings = require('node/internal/encodings');
const { invalidArgType } = require('node/internal/errors');

/** How many bytes at the end begin a UTF-8 character whose rest is missing. */
function openUtf8(bytes) {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
        const byte = bytes[bytes.length - back];
        if ((byte & 0xc0) === 0x80) continue;
        const size =
            byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
        return size > back ? back : 0;
    }
    return 0;
}

function openUtf16(bytes) {
    const odd = bytes.length % 2;
    const last = bytes.length - odd - 1;
    return last >= 1 && bytes[last] >= 0xd8 && bytes[last] <= 0xdb ? odd + 2 : odd;
}

const OPEN = {
    utf8: openUtf8, utf16le: openUtf16, base64: (bytes) => bytes.length % 3, base64url: (bytes) => bytes.length % 3,
};

class StringDecoder {
    constructor(encoding) {
        this.encoding = encodings.get(encoding).name;
        this.lastChar = Buffer.alloc(0);
    }

    get lastNeed() {
        return this.lastChar.length === 0 ? 0 : 1;
    }

    write(bytes) {
        if (typeof bytes === 'string') return bytes;
        if (!ArrayBuffer.isView(bytes)) throw invalidArgType('buf', ['Buffer', 'TypedArray', 'DataView'], bytes);
        let all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        if (this.lastChar.length > 0) all = Buffer.concat([this.lastChar, all]);
        const open = OPEN[this.encoding]?.(all) ?? 0;
        this.lastChar = open === 0 ? Buffer.alloc(0) : Buffer.from(all.subarray(all.length - open));
        return all.toString(this.encoding, 0, all.length - open);
    }

    end(bytes) {
        let out = bytes === undefined ? '' : this.write(bytes);
        if (this.lastChar.length > 0) out += this.lastChar.toString(this.encoding);
        this.lastChar = Buffer.alloc(0);
        return out;
    }
}

module.exports = { StringDecoder };
