// What streams say of themselves: properties that read their states.

const readable = {
    closed: (state) => state.closed,
    errored: (state) => state.errored,
    readableEnded: (state) => state.endEmitted,
    readableFlowing: (state) => state.flowing,
    readableLength: (state) => state.length,
    readableObjectMode: (state) => state.objectMode,
    readableEncoding: (state) => state.encoding,
    readableHighWaterMark: (state) => state.highWaterMark,
    readableDidRead: (state) => state.dataEmitted,
    readableBuffer: (state) => state.buffer,
    readableAborted: (state) =>
        state.readable !== false && (state.destroyed || Boolean(state.errored)) && !state.endEmitted,
};
const writable = {
    closed: (state) => state.closed,
    errored: (state) => state.errored,
    writableFinished: (state) => state.finished,
    writableObjectMode: (state) => state.objectMode,
    writableEnded: (state) => state.ending,
    writableNeedDrain: (state) => !state.destroyed && !state.ending && state.needDrain,
    writableHighWaterMark: (state) => state.highWaterMark,
    writableCorked: (state) => state.corked,
    writableLength: (state) => state.length,
    writableBuffer: (state) => state.getBuffer(),
    writableAborted: (state) =>
        state.writable !== false && (state.destroyed || Boolean(state.errored)) && !state.finished,
};

function isReadable(state) {
    return state.readable !== false && !state.destroyed && !state.errorEmitted && !state.endEmitted;
}

function isWritable(state) {
    return state.writable !== false && !state.destroyed && !state.errored && !state.ending && !state.ended;
}

function install(prototype, key, getters, name, is) {
    for (const getter of Object.keys(getters)) {
        Object.defineProperty(prototype, getter, {
            configurable: true,
            get() {
                return this[key] ? getters[getter](this[key]) : undefined;
            },
        });
    }
    Object.defineProperty(prototype, 'destroyed', {
        configurable: true,
        get() {
            return this[key] ? this[key].destroyed : false;
        },
        set(value) {
            if (this[key]) this[key].destroyed = value;
        },
    });
    Object.defineProperty(prototype, name, {
        configurable: true,
        get() {
            return Boolean(this[key]) && is(this[key]);
        },
        set(value) {
            if (this[key]) this[key][name] = Boolean(value);
        },
    });
}

module.exports = {
    installReadable: (prototype) => install(prototype, '_readableState', readable, 'readable', isReadable),
    installWritable: (prototype) => install(prototype, '_writableState', writable, 'writable', isWritable),
};
