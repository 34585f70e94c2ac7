// The parts of `util.inspect` that know each kind of object: its head, its braces and its entries.

const { typedArrayName, types } = require('node/internal/types');
const { formatBigInt, formatNumber, formatPrimitive, moreItems, plain } = require('node/internal/inspect_text');
const text = binding('text');
const { promiseState } = binding('util');

let prefix;

function keysOf(value, showHidden) {
    const symbols = Object.getOwnPropertySymbols(value);
    if (showHidden) return [...Object.getOwnPropertyNames(value), ...symbols];
    const keys = Object.keys(value);
    for (const symbol of symbols) {
        if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
    }
    return keys;
}

const MOST_INDEXES = 1000;

function isIndex(key) {
    return typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key) && key < 2 ** 32 - 1;
}

function keysBesideIndexes(value, showHidden) {
    // Indexes come first, so what follows the last of them is the rest. Nobody counts those of a large typed array.
    if (value.length > MOST_INDEXES && ArrayBuffer.isView(value)) return [];
    const keys = keysOf(value, showHidden);
    let start = keys.length;
    while (start > 0 && !isIndex(keys[start - 1])) start--;
    return start === keys.length ? [] : keys.slice(start);
}

/** How an object is written: either `done`, or its head, braces, items and further keys. */
function shapeOf(base, open, close, keys, items, isArray = false) {
    return { base, open, close, keys, items, isArray, done: undefined };
}

function done(out) {
    return { done: out };
}

function describe(state, value, kind, name, tag, level) {
    if (Array.isArray(value)) return describeArray(state, value, name, tag);
    const typedName = typedArrayName(value);
    if (typedName !== undefined) return describeTypedArray(state, value, name, tag, typedName);
    if (kind === 'Set' || kind === 'Map') return describeCollection(state, value, kind, name, tag);
    const keys = keysOf(value, state.showHidden);
    switch (kind) {
        case 'Arguments': return shapeOf('', '[Arguments] {', '}', keys);
        case 'RegExp': return describeRegExp(state, value, name, tag, keys, level);
        case 'Date': return describeDate(state, value, name, tag, keys, level);
        case 'Error': return describeError(state, value, name, tag, keys);
        case 'ArrayBuffer': case 'SharedArrayBuffer': return describeBytes(state, value, kind, name, tag, keys);
        case 'DataView': return shapeOf('', `${prefix(name, tag, 'DataView')}{`, '}', keys, viewItems);
        case 'Promise': return shapeOf('', `${prefix(name, tag, 'Promise')}{`, '}', keys, promiseItems);
        case 'WeakSet': case 'WeakMap':
            return shapeOf('', `${prefix(name, tag, kind)}{`, '}', keys,
                () => [state.stylize('<items unknown>', 'special')]);
        case 'WeakRef':
            return shapeOf('', `${prefix(name, tag, kind)}{`, '}', keys, (s, v, l) => [s.format(v.deref(), l)]);
        case 'Number': case 'String': case 'Boolean': case 'BigInt': case 'Symbol':
            return describeBoxed(state, value, kind, name, tag, keys);
        default: break;
    }
    if (typeof value === 'function') {
        const base = describeFunction(value, kind, name, tag);
        return keys.length === 0 ? done(state.stylize(base, 'special')) : shapeOf(base, '{', '}', keys);
    }
    if (types.isModuleNamespaceObject(value)) return shapeOf('', '[Module: null prototype] {', '}', keys);
    // An error that came by another way than a constructor (`Object.create(Error.prototype)`).
    if (value instanceof Error && kind !== 'Proxy') return describeError(state, value, name, tag, keys);
    const open = name === 'Object' && tag === '' ? '{' : `${prefix(name, tag, 'Object')}{`;
    return keys.length === 0 ? done(`${open}}`) : shapeOf('', open, '}', keys);
}

function describeArray(state, value, name, tag) {
    const keys = keysBesideIndexes(value, state.showHidden);
    const open = `${name !== 'Array' || tag !== '' ? prefix(name, tag, 'Array', `(${value.length})`) : ''}[`;
    if (value.length === 0 && keys.length === 0) return done(`${open}]`);
    return shapeOf('', open, ']', keys, arrayItems, true);
}

function arrayItems(state, value, level) {
    const items = [];
    const max = Math.min(Math.max(0, state.maxArrayLength), value.length);
    let index = 0;
    for (; index < value.length && items.length < max; index++) {
        const descriptor = Object.getOwnPropertyDescriptor(value, index);
        if (descriptor === undefined) {
            let end = index + 1;
            while (end < value.length && !Object.prototype.hasOwnProperty.call(value, end)) end++;
            items.push(state.stylize(`<${end - index} empty item${end - index > 1 ? 's' : ''}>`, 'undefined'));
            index = end - 1;
        } else {
            if (descriptor.get || descriptor.set) {
                const both = descriptor.get && descriptor.set ? 'Getter/Setter' : descriptor.get ? 'Getter' : 'Setter';
                items.push(state.stylize(`[${both}]`, 'special'));
            } else {
                state.indentation += 2;
                items.push(state.format(descriptor.value, level));
                state.indentation -= 2;
            }
        }
    }
    if (index < value.length) items.push(moreItems(value.length - index));
    return items;
}

function describeTypedArray(state, value, name, tag, typedName) {
    const keys = keysBesideIndexes(value, state.showHidden);
    const open = `${prefix(name, tag, name === null ? typedName : '', `(${value.length})`)}[`;
    if (value.length === 0 && keys.length === 0) return done(`${open}]`);
    return shapeOf('', open, ']', keys, typedArrayItems, true);
}

function typedArrayItems(state, value) {
    const max = Math.min(Math.max(0, state.maxArrayLength), value.length);
    const format = typeof value[0] === 'bigint' ? formatBigInt : formatNumber;
    const items = [];
    for (let i = 0; i < max; i++) items.push(format(state.stylize, value[i], state.numericSeparator));
    if (value.length > max) items.push(moreItems(value.length - max));
    return items;
}

function describeCollection(state, value, kind, name, tag) {
    const proto = kind === 'Set' ? Set.prototype : Map.prototype;
    const size = Object.getOwnPropertyDescriptor(proto, 'size').get.call(value);
    const keys = keysOf(value, state.showHidden);
    const head = prefix(name, tag, kind, `(${size})`);
    if (size === 0 && keys.length === 0) return done(`${head}{}`);
    return shapeOf('', `${head}{`, '}', keys, kind === 'Set' ? setItems : mapItems);
}

function setItems(state, value, level) {
    const items = [];
    const size = value.size;
    const max = Math.min(Math.max(0, state.maxArrayLength), size);
    state.indentation += 2;
    for (const item of Set.prototype.values.call(value)) {
        if (items.length >= max) break;
        items.push(state.format(item, level));
    }
    if (size > max) items.push(moreItems(size - max));
    state.indentation -= 2;
    return items;
}

function mapItems(state, value, level) {
    const items = [];
    const size = value.size;
    const max = Math.min(Math.max(0, state.maxArrayLength), size);
    state.indentation += 2;
    for (const [key, item] of Map.prototype.entries.call(value)) {
        if (items.length >= max) break;
        items.push(`${state.format(key, level)} => ${state.format(item, level)}`);
    }
    if (size > max) items.push(moreItems(size - max));
    state.indentation -= 2;
    return items;
}

function promiseItems(state, value, level) {
    const [status, result] = promiseState(value);
    if (status === 'pending') return [state.stylize('<pending>', 'special')];
    state.indentation += 2;
    const shown = state.format(result, level);
    state.indentation -= 2;
    return [status === 'rejected' ? `${state.stylize('<rejected>', 'special')} ${shown}` : shown];
}

function viewItems(state, value, level) {
    state.indentation += 2;
    const items = ['byteLength', 'byteOffset', 'buffer'].map((key) => `${key}: ${state.format(value[key], level)}`);
    state.indentation -= 2;
    return items;
}

function describeBytes(state, value, kind, name, tag, keys) {
    return shapeOf('', `${prefix(name, tag, kind)}{`, '}', keys, () => {
        const max = Math.min(Math.max(0, state.maxArrayLength), value.byteLength);
        let shown = text.hexEncode(new Uint8Array(value, 0, max)).replace(/(..)(?=.)/g, '$1 ');
        const more = value.byteLength - max;
        if (more > 0) shown += ` ... ${more} more byte${more > 1 ? 's' : ''}`;
        return [`${state.stylize('[Uint8Contents]', 'special')}: <${shown}>`,
            `byteLength: ${formatNumber(state.stylize, value.byteLength, false)}`];
    });
}

function describeRegExp(state, value, name, tag, keys, level) {
    const head = prefix(name, tag, 'RegExp');
    const base = `${head === 'RegExp ' ? '' : head}${RegExp.prototype.toString.call(value)}`;
    if (keys.length === 0 || (state.depth !== null && level > state.depth)) return done(state.stylize(base, 'regexp'));
    return shapeOf(base, '{', '}', keys);
}

function describeDate(state, value, name, tag, keys) {
    const head = prefix(name, tag, 'Date');
    const time = Date.prototype.getTime.call(value);
    const shown = Number.isNaN(time) ? 'Invalid Date' : Date.prototype.toISOString.call(value);
    const base = `${head === 'Date ' ? '' : head}${shown}`;
    return keys.length === 0 ? done(state.stylize(base, 'date')) : shapeOf(base, '{', '}', keys);
}

function describeBoxed(state, value, kind, name, tag, keys) {
    const primitive = globalThis[kind].prototype.valueOf.call(value);
    if (kind === 'String') keys = keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
    let base = `[${kind}`;
    if (kind !== name) base += name === null ? ' (null prototype)' : ` (${name})`;
    const unbroken = Object.assign(Object.create(state), { stylize: plain, breakLength: Infinity });
    base += `: ${formatPrimitive(unbroken, primitive)}]`;
    if (tag !== '' && tag !== name) base += ` [${tag}]`;
    if (keys.length === 0) return done(state.stylize(base, kind.toLowerCase()));
    return shapeOf(base, '{', '}', keys);
}

function describeFunction(value, kind, name, tag) {
    const source = Function.prototype.toString.call(value);
    if (source.startsWith('class') && source.endsWith('}')) return describeClass(value, name, tag);
    const type = kind.endsWith('Function') ? kind : 'Function';
    let base = `[${type}`;
    if (name === null) base += ' (null prototype)';
    base += value.name === '' ? ' (anonymous)]' : `: ${String(value.name)}]`;
    if (name !== type && name !== null) base += ` ${name}`;
    return tag !== '' && name !== tag ? `${base} [${tag}]` : base;
}

function describeClass(value, name, tag) {
    let base = `class ${Object.prototype.hasOwnProperty.call(value, 'name') && value.name || '(anonymous)'}`;
    if (name !== 'Function' && name !== null) base += ` [${name}]`;
    if (tag !== '' && name !== tag) base += ` [${tag}]`;
    if (name === null) return `[${base} extends [null prototype]]`;
    const above = Object.getPrototypeOf(value).name;
    return `[${base}${above ? ` extends ${above}` : ''}]`;
}

/** An error's stack with its name and message on top, which QuickJS leaves out. */
function stackOf(error) {
    let stack;
    try {
        stack = error.stack;
    } catch {
        stack = undefined;
    }
    const head = Error.prototype.toString.call(error);
    if (typeof stack !== 'string' || stack === '') return head;
    stack = stack.trimEnd();
    return /^\s*at /.test(stack) ? `${head}\n${stack}` : stack;
}

function describeError(state, value, name, tag, keys) {
    const errorName = value.name === undefined || value.name === null ? 'Error' : String(value.name);
    let stack = stackOf(value);
    if (!state.showHidden) {
        keys = keys.filter((key) => !['name', 'message', 'stack'].includes(key) ||
            (typeof value[key] === 'string' && !stack.includes(value[key])));
    }
    if ('cause' in value && !keys.includes('cause')) keys.push('cause');
    if (Array.isArray(value.errors) && !keys.includes('errors')) keys.push('errors');
    stack = nameStack(stack, name, errorName, tag);
    const from = value.message ? stack.indexOf(value.message) : -1;
    const frames = stack.indexOf('\n    at', from < 0 ? 0 : from + value.message.length);
    if (frames < 0) stack = `[${stack}]`;
    if (state.indentation !== 0) stack = stack.replaceAll('\n', `\n${' '.repeat(state.indentation)}`);
    return keys.length === 0 ? done(stack) : shapeOf(stack, '{', '}', keys);
}

/** Puts the name of the class in, where the error's own name says less. */
function nameStack(stack, name, errorName, tag) {
    if (name !== null && !(errorName.endsWith('Error') && stack.startsWith(errorName) &&
        (stack.length === errorName.length || ':\n'.includes(stack[errorName.length])))) return stack;
    const full = prefix(name, tag, 'Error').slice(0, -1);
    if (errorName === full) return stack;
    const rest = stack.startsWith(errorName) ? stack.slice(errorName.length) : `: ${stack}`;
    return full.includes(errorName) ? `${full}${rest}` : `${full} [${errorName}]${rest}`;
}

module.exports = { describe, stackOf, setPrefix(f) { prefix = f; } };
