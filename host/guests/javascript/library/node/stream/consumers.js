// `stream/consumers`: all of a stream at once.

const { Buffer } = require('node/buffer');

async function buffer(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return Buffer.concat(chunks);
}

async function text(stream) {
    return (await buffer(stream)).toString();
}

module.exports = {
    buffer, text,
    arrayBuffer: async (stream) => {
        const bytes = await buffer(stream);
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    },
    blob: async (stream) => new globalThis.Blob([await buffer(stream)]),
    json: async (stream) => JSON.parse(await text(stream)),
};
