// Error.stack as V8 writes it (`Name: message`, then frames), with source maps applied. QuickJS notes the frames when an
// error is made; head and mapping are done when somebody looks.

const natives = binding('errors');

const descriptor = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
const rawStack = descriptor.get;
const capture = Error.captureStackTrace;
const preparing = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');

function read(object, name) {
    try {
        return object[name];
    } catch {
        return undefined;
    }
}

// `Name: message`, whatever the object is.
function head(error) {
    const name = read(error, 'name');
    const message = read(error, 'message');
    const text = message === undefined ? '' : String(message);
    const kind = name === undefined ? 'Error' : String(name);
    if (kind === '') return text;
    return text === '' ? kind : `${kind}: ${text}`;
}

function format(error, frames) {
    return natives.format(head(error), frames);
}

const cached = new WeakMap();

Object.defineProperty(Error.prototype, 'stack', {
    configurable: true,
    enumerable: false,
    get() {
        if (typeof this !== 'object' || this === null) return undefined;
        const known = cached.get(this);
        if (known !== undefined) return known;
        const raw = Reflect.apply(rawStack, this, []);
        if (typeof raw !== 'string') return raw === null ? undefined : raw;
        const text = format(this, raw);
        cached.set(this, text);
        return text;
    },
    set(value) {
        if (typeof this !== 'object' || this === null) return;
        Object.defineProperty(this, 'stack', { value, writable: true, enumerable: false, configurable: true });
    },
});

Object.defineProperty(Error, 'captureStackTrace', {
    writable: true,
    enumerable: false,
    configurable: true,
    value: function captureStackTrace(target, above) {
        capture(target, typeof above === 'function' ? above : captureStackTrace);
        const own = Object.getOwnPropertyDescriptor(target, 'stack');
        if (own === undefined || typeof own.value !== 'string' || preparing.get.call(Error) !== undefined) return;
        const frames = own.value;
        let text;
        Object.defineProperty(target, 'stack', {
            configurable: true,
            enumerable: false,
            get() {
                if (text === undefined) text = format(this, frames);
                return text;
            },
            set(value) {
                Object.defineProperty(this, 'stack', { value, writable: true, enumerable: false, configurable: true });
            },
        });
    },
});

// What V8's call sites have beyond QuickJS's.
function completeCallSites() {
    let sites = [];
    preparing.set.call(Error, (error, frames) => {
        sites = frames;
        return '';
    });
    rawStack.call(new Error());
    preparing.set.call(Error, undefined);
    if (sites.length === 0) return;
    const prototype = Object.getPrototypeOf(sites[0]);
    const absent = {
        getThis: undefined, getTypeName: null, getMethodName: null, getEvalOrigin: undefined, getPromiseIndex: null,
        isToplevel: true, isEval: false, isConstructor: false, isAsync: false, isPromiseAll: false,
    };
    for (const name of Object.keys(absent)) {
        if (prototype[name] === undefined) {
            Object.defineProperty(prototype, name, {
                value: () => absent[name], writable: true, enumerable: false, configurable: true,
            });
        }
    }
    if (prototype.getScriptNameOrSourceURL === undefined) {
        Object.defineProperty(prototype, 'getScriptNameOrSourceURL', {
            value() {
                return this.getFileName();
            },
            writable: true, enumerable: false, configurable: true,
        });
    }
    Object.defineProperty(prototype, 'toString', {
        value() {
            const name = this.getFunctionName();
            const place = this.isNative()
                ? '<anonymous>' : `${this.getFileName()}:${this.getLineNumber()}:${this.getColumnNumber()}`;
            return name ? `${name} (${place})` : place;
        },
        writable: true, enumerable: false, configurable: true,
    });
}

completeCallSites();

function isErrorLike(value) {
    return typeof value === 'object' && value !== null && typeof read(value, 'message') === 'string';
}

function text(value) {
    if (isErrorLike(value)) return head(value);
    if (typeof value === 'string') return value;
    try {
        if (typeof value === 'object' && value !== null) {
            const json = JSON.stringify(value);
            if (json !== undefined && json !== '{}') return json;
        }
        return String(value);
    } catch {
        return Object.prototype.toString.call(value);
    }
}

const MOST_CAUSES = 10;

function collectCauses(value, causes) {
    if (causes.length >= MOST_CAUSES || typeof value !== 'object' || value === null) return;
    const errors = read(value, 'errors');
    if (value instanceof AggregateError && Array.isArray(errors)) {
        for (const error of errors.slice(0, MOST_CAUSES)) {
            causes.push(text(error));
            collectCauses(error, causes);
        }
    }
    const cause = read(value, 'cause');
    if (cause !== undefined && cause !== value) {
        causes.push(text(cause));
        collectCauses(cause, causes);
    }
}

// What the host gets to know of something that was thrown: [message, causes, stack].
function describe(value) {
    const message = text(value);
    const causes = [];
    collectCauses(value, causes);
    let stack = isErrorLike(value) ? read(value, 'stack') : undefined;
    stack = typeof stack === 'string' ? stack : '';
    return [message, causes, stack.startsWith(message) ? stack.slice(message.length).trimStart() : stack];
}

exports.describe = describe;
exports.rawStack = (error) => Reflect.apply(rawStack, error, []);
exports.head = head;
