// `pipe` and `unpipe` of readable streams.

const { nextTick } = require('internal/timers');
const { fail } = require('node/internal/streams/state');

function pipe(target, options) {
    const state = this._readableState;
    state.pipes.push(target);
    const ends = options?.end !== false;
    const onEnded = ends ? () => target.end() : () => this.unpipe(target);
    const onDrain = () => {
        state.awaitDrain.delete(target);
        if (state.awaitDrain.size === 0 && this.listenerCount('data') > 0) this.resume();
    };
    const onData = (chunk) => {
        if (target.write(chunk) !== false) return;
        if (state.pipes.includes(target)) state.awaitDrain.add(target);
        this.pause();
    };
    const onError = (error) => {
        this.unpipe(target);
        target.removeListener('error', onError);
        if (target.listenerCount('error') === 0) {
            if (target._writableState && !target._writableState.errorEmitted) fail(target, error);
            else target.emit('error', error);
        }
    };
    const onClose = () => {
        target.removeListener('finish', onFinish);
        this.unpipe(target);
    };
    const onFinish = () => {
        target.removeListener('close', onClose);
        this.unpipe(target);
    };
    const onUnpipe = (source, info) => {
        if (source !== this || info?.hasUnpiped) return;
        if (info) info.hasUnpiped = true;
        target.removeListener('close', onClose);
        target.removeListener('finish', onFinish);
        target.removeListener('drain', onDrain);
        target.removeListener('error', onError);
        target.removeListener('unpipe', onUnpipe);
        this.removeListener('end', onEnded);
        this.removeListener('data', onData);
        if (state.awaitDrain.has(target) && (!target._writableState || target._writableState.needDrain)) onDrain();
    };
    if (state.endEmitted) nextTick(onEnded);
    else this.once('end', onEnded);
    target.on('unpipe', onUnpipe);
    target.on('drain', onDrain);
    this.on('data', onData);
    target.prependListener('error', onError);
    target.once('close', onClose);
    target.once('finish', onFinish);
    target.emit('pipe', this);
    if (target.writableNeedDrain === true) {
        state.awaitDrain.add(target);
        this.pause();
    } else if (!state.flowing) {
        this.resume();
    }
    return target;
}

function unpipe(target) {
    const state = this._readableState;
    if (state.pipes.length === 0) return this;
    const removed =
        target === undefined ? state.pipes.splice(0) : state.pipes.filter((pipe) => pipe === target).slice(0, 1);
    if (target === undefined) this.pause();
    else if (removed.length > 0) {
        state.pipes.splice(state.pipes.indexOf(target), 1);
        if (state.pipes.length === 0) this.pause();
    }
    for (const pipe of removed) pipe.emit('unpipe', this, { hasUnpiped: false });
    return this;
}

function install(Readable) {
    Readable.prototype.pipe = pipe;
    Readable.prototype.unpipe = unpipe;
}

module.exports = { install };
