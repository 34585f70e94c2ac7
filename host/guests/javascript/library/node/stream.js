// `stream`.

const Stream = require('node/internal/streams/legacy');
const Readable = require('node/internal/streams/readable');
const Writable = require('node/internal/streams/writable');
const Duplex = require('node/internal/streams/duplex');
const { PassThrough, Transform } = require('node/internal/streams/transform');
const { finished, finishedPromise } = require('node/internal/streams/finished');
const { compose, pipeline, pipelinePromise } = require('node/internal/streams/pipeline');
const state = require('node/internal/streams/state');

const promisified = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(finished, promisified, { value: finishedPromise });
Object.defineProperty(pipeline, promisified, { value: pipelinePromise });

module.exports = Object.assign(Stream, {
    Stream, Readable, Writable, Duplex, Transform, PassThrough, compose, finished, pipeline,
    addAbortSignal: state.addAbortSignal,
    getDefaultHighWaterMark: state.getDefaultHighWaterMark,
    setDefaultHighWaterMark: state.setDefaultHighWaterMark,
    destroy: (stream, error) => stream.destroy(error),
    isDisturbed: (stream) => Boolean(stream.readableDidRead || stream.destroyed || stream.locked),
    isErrored: (stream) => Boolean(stream.errored),
    isReadable: (stream) => Boolean(stream.readable),
    isWritable: (stream) => Boolean(stream.writable),
    promises: { finished: finishedPromise, pipeline: pipelinePromise },
    _isUint8Array: (value) => value instanceof Uint8Array,
});
