// `Stream`: the class that all streams inherit from.

const EventEmitter = require('node/events');

function Stream(options) {
    EventEmitter.call(this, options);
}
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

/** For streams of before Node 0.10, which only emit events. */
Stream.prototype.pipe = function pipe(target, options) {
    const onData = (chunk) => {
        if (target.writable && target.write(chunk) === false && this.pause) this.pause();
    };
    const onDrain = () => {
        if (this.readable && this.resume) this.resume();
    };
    const onEnd = () => {
        cleanup();
        target.end();
    };
    const cleanup = () => {
        this.removeListener('data', onData);
        target.removeListener('drain', onDrain);
        this.removeListener('end', onEnd);
        this.removeListener('close', cleanup);
    };
    this.on('data', onData);
    target.on('drain', onDrain);
    if (options?.end !== false) this.on('end', onEnd);
    this.on('close', cleanup);
    target.emit('pipe', this);
    return target;
};

module.exports = Stream;
