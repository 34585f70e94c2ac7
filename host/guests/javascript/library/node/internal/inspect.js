// `util.inspect`: any value as text, in the format of Node 22.

const { classOf, typedArrayName } = require('node/internal/types');
const text = require('node/internal/inspect_text');
const kinds = require('node/internal/inspect_kinds');
const { validateObject } = require('node/internal/errors');

const custom = Symbol.for('nodejs.util.inspect.custom');
const defaults = {
    showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
    maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
};

/** One call of `inspect`. What its options leave open is found in the defaults, which are the prototype's prototype. */
class State {
    constructor(options) {
        this.indentation = 0;
        this.currentDepth = 0;
        this.seen = [];
        this.circular = undefined;
        this.userOptions = options;
        if (options) {
            for (const key of Object.keys(options)) if (Object.hasOwn(defaults, key)) this[key] = options[key];
            if (typeof options.stylize === 'function') this.stylize = options.stylize;
        }
        if (this.stylize === undefined) this.stylize = this.colors ? text.colored : text.plain;
        if (this.maxArrayLength === null) this.maxArrayLength = Infinity;
        if (this.maxStringLength === null) this.maxStringLength = Infinity;
        if (this.compact === false) this.compact = 0;
    }

    format(value, level) {
        return formatValue(this, value, level);
    }
}

Object.setPrototypeOf(State.prototype, defaults);
State.prototype.stylize = undefined;

function inspect(value, options, depth, colors) {
    if (typeof options === 'boolean') options = { showHidden: options };
    if (depth !== undefined && arguments.length >= 3) options = { ...options, depth };
    if (colors !== undefined && arguments.length >= 4) options = { ...options, colors };
    return formatValue(new State(options), value, 0);
}

function formatValue(state, value, level) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
        return text.formatPrimitive(state, value);
    }
    const kind = classOf(value);
    if (kind === 'Proxy') {
        try {
            return formatObject(state, value, level, kind);
        } catch {
            return state.stylize('<Proxy>', 'special');
        }
    }
    return formatObject(state, value, level, kind);
}

/** What a value's own `[util.inspect.custom]` says, or undefined when the usual way is to be taken. */
function formatCustom(state, value, level) {
    const method = value[custom];
    if (typeof method !== 'function' || method === inspect) return undefined;
    const { constructor } = value;
    if (constructor && constructor.prototype === value) return undefined;
    const depth = state.depth === null ? null : state.depth - level;
    const options = { ...state.userOptions };
    for (const key of Object.keys(defaults)) options[key] = state[key];
    options.stylize = state.stylize;
    const result = method.call(value, depth, options, inspect);
    if (result === value) return undefined;
    if (typeof result === 'object') return formatValue(state, result, level);
    return `${result}`.replaceAll('\n', `\n${' '.repeat(state.indentation)}`);
}

function formatObject(state, value, level, kind) {
    if (state.customInspect) {
        const result = formatCustom(state, value, level);
        if (result !== undefined) return result;
    }
    if (state.seen.includes(value)) {
        state.circular ??= new Map();
        if (!state.circular.has(value)) state.circular.set(value, state.circular.size + 1);
        return state.stylize(`[Circular *${state.circular.get(value)}]`, 'special');
    }
    const name = constructorName(value, state, level);
    let tag = value[Symbol.toStringTag];
    if (typeof tag !== 'string' || (tag !== '' && (state.showHidden ? Object.prototype.hasOwnProperty
        : Object.prototype.propertyIsEnumerable).call(value, Symbol.toStringTag))) tag = '';
    const shape = kinds.describe(state, value, kind, name, tag, level);
    if (shape.done !== undefined) return shape.done;
    if (state.depth !== null && level > state.depth) {
        const short = prefix(name, tag, kind === 'Array' || Array.isArray(value) ? 'Array' : 'Object').slice(0, -1);
        return state.stylize(`[${short}]`, 'special');
    }
    return formatEntries(state, value, level + 1, shape);
}

function formatEntries(state, value, level, shape) {
    state.seen.push(value);
    state.currentDepth = level;
    let items;
    let listed;
    const { indentation } = state;
    try {
        items = shape.items ? shape.items(state, value, level) : [];
        listed = items.length;
        for (const key of shape.keys) items.push(formatProperty(state, value, level, key, shape.isArray));
    } catch (error) {
        if (!(error instanceof RangeError) || !/stack/i.test(error.message)) throw error;
        state.seen.length = Math.max(state.seen.indexOf(value), 0);
        state.indentation = indentation;
        const what = `${value.constructor?.name ?? 'Object'}: Inspection interrupted prematurely. ${error.message}.`;
        return state.stylize(`[${what}]`, 'special');
    }
    state.seen.pop();
    let { base, open } = shape;
    if (state.circular !== undefined && state.circular.has(value)) {
        const reference = state.stylize(`<ref *${state.circular.get(value)}>`, 'special');
        if (state.compact === true) open = `${reference} ${open}`;
        else base = base === '' ? reference : `${reference} ${base}`;
    }
    if (state.sorted) {
        const tail = items.splice(shape.isArray ? listed : 0);
        items.push(...tail.sort(typeof state.sorted === 'function' ? state.sorted : undefined));
    }
    return text.layOut(state, items, base, open, shape.close, shape.isArray, level, shape.isArray ? value : undefined);
}

function formatProperty(state, value, level, key, isArray) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key) ||
        { value: value[key], configurable: true, enumerable: true };
    let out;
    if (descriptor.get !== undefined) {
        const label = descriptor.set !== undefined ? 'Getter/Setter' : 'Getter';
        const { getters } = state;
        if (getters && (getters === true || (getters === 'get') === (descriptor.set === undefined))) {
            out = formatGetter(state, value, level, descriptor.get, label);
        } else {
            out = state.stylize(`[${label}]`, 'special');
        }
    } else if (descriptor.set !== undefined) {
        out = state.stylize('[Setter]', 'special');
    } else {
        state.indentation += 2;
        out = state.format(descriptor.value, level);
        state.indentation -= 2;
    }
    if (isArray && typeof key === 'number') return out;
    return `${formatKey(state, key, descriptor.enumerable)}: ${out}`;
}

function formatGetter(state, value, level, getter, label) {
    state.indentation += 2;
    try {
        const result = getter.call(value);
        const shown = state.format(result, level);
        return result === null || typeof result !== 'object'
            ? `${state.stylize(`[${label}:`, 'special')} ${shown}${state.stylize(']', 'special')}`
            : `${state.stylize(`[${label}]`, 'special')} ${shown}`;
    } catch (error) {
        return state.stylize(`[${label}: <Inspection threw (${error && error.message})>]`, 'special');
    } finally {
        state.indentation -= 2;
    }
}

function formatKey(state, key, enumerable) {
    if (typeof key === 'symbol') return `[${state.stylize(key.toString(), 'symbol')}]`;
    if (key === '__proto__') return "['__proto__']";
    if (enumerable === false) return `[${key}]`;
    if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) return state.stylize(key, 'name');
    return state.stylize(text.quote(String(key)), 'string');
}

/** The name of the constructor of the nearest prototype that has one; null without a prototype. */
function constructorName(value, state, level) {
    let object = value;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype && !Object.hasOwn(value, 'constructor')) return 'Object';
    if (prototype === Array.prototype && !Object.hasOwn(value, 'constructor')) return 'Array';
    // Under AsyncLocalStorage the constructor of promises is an accessor.
    if (prototype === Promise.prototype && !Object.hasOwn(value, 'constructor')) return 'Promise';
    let first;
    while (object) {
        const descriptor = Object.getOwnPropertyDescriptor(object, 'constructor');
        if (descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '' &&
            isInstance(value, descriptor.value)) return String(descriptor.value.name);
        object = Object.getPrototypeOf(object);
        first ??= object;
    }
    if (first === null || first === undefined) return null;
    const kind = typedArrayName(value) ?? classOf(value) ?? 'Object';
    if (state.depth !== null && level > state.depth) return `${kind} <Complex prototype>`;
    const above = constructorName(first, state, level + 1);
    if (above !== null) return `${kind} <${above}>`;
    return `${kind} <${inspect(first, { ...state.userOptions, customInspect: false, depth: -1 })}>`;
}

function isInstance(value, constructor) {
    try {
        return value instanceof constructor;
    } catch {
        return false;
    }
}

function prefix(name, tag, fallback, size = '') {
    if (name === null) {
        return tag !== '' && fallback !== tag ? `[${fallback}${size}: null prototype] [${tag}] `
            : `[${fallback}${size}: null prototype] `;
    }
    return tag !== '' && name !== tag ? `${name}${size} [${tag}] ` : `${name}${size} `;
}

kinds.setPrefix(prefix);
inspect.custom = custom;
inspect.colors = Object.assign(Object.create(null), text.COLORS);
inspect.styles = Object.assign(Object.create(null), text.STYLES);
Object.defineProperty(inspect, 'defaultOptions', {
    get() { return defaults; },
    set(options) {
        validateObject(options, 'options');
        Object.assign(defaults, options);
    },
});

module.exports = { inspect };
