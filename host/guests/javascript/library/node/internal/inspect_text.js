// The parts of `util.inspect` that deal with text alone: primitives, quoting, layout of lists.

const STYLES = {
    special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold',
    string: 'green', symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
};
const COLORS = {
    reset: [0, 0],
    bold: [1, 22],
    dim: [2, 22],
    italic: [3, 23],
    underline: [4, 24],
    blink: [5, 25],
    inverse: [7, 27],
    hidden: [8, 28],
    strikethrough: [9, 29],
    doubleunderline: [21, 24],
    black: [30, 39],
    red: [31, 39],
    green: [32, 39],
    yellow: [33, 39],
    blue: [34, 39],
    magenta: [35, 39],
    cyan: [36, 39],
    white: [37, 39],
    gray: [90, 39],
    grey: [90, 39],
    redBright: [91, 39],
    greenBright: [92, 39],
    yellowBright: [93, 39],
    blueBright: [94, 39],
    magentaBright: [95, 39],
    cyanBright: [96, 39],
    whiteBright: [97, 39],
    bgBlack: [40, 49],
    bgRed: [41, 49],
    bgGreen: [42, 49],
    bgYellow: [43, 49],
    bgBlue: [44, 49],
    bgMagenta: [45, 49],
    bgCyan: [46, 49],
    bgWhite: [47, 49],
};

const CONTROL = /[\u001b\u009b][[\]()#;?]*(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]|[^\u0007]*\u0007)/g;

function stripControl(text) {
    return text.replace(CONTROL, '');
}

function plain(text) {
    return text;
}

function colored(text, style) {
    const color = COLORS[STYLES[style]];
    return color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
}

const ESCAPES = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
const NEEDS_ESCAPE = /[\0-\x1f\x27\x5c\x7f-\x9f\ud800-\udfff]/;

function escapeOne(character) {
    return ESCAPES[character] ??
        (character.length > 1 ? character // a surrogate pair
            : character > '\u00ff' ? `\\u${character.charCodeAt(0).toString(16)}`
                : `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** The string in the quotes that need the least escaping. */
function quote(text) {
    if (!NEEDS_ESCAPE.test(text)) return `'${text}'`;
    let mark = "'";
    if (text.includes("'")) {
        if (!text.includes('"')) mark = '"';
        else if (!text.includes('`') && !text.includes('${')) mark = '`';
    }
    const escaped = text.replace(/[\0-\x1f\x5c\x7f-\x9f]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, escapeOne);
    return mark + (mark === "'" ? escaped.replace(/'/g, "\\'") : escaped) + mark;
}

function separate(text) {
    return text.replace(/\B(?=(\d{3})+$)/g, '_');
}

function formatNumber(stylize, number, separator) {
    if (Object.is(number, -0)) return stylize('-0', 'number');
    const text = String(number);
    if (!separator || !/^-?\d+(\.\d+)?$/.test(text)) return stylize(text, 'number');
    const [whole, fraction] = text.split('.');
    const tail = fraction === undefined ? '' : `.${fraction.replace(/(\d{3})(?=\d)/g, '$1_')}`;
    return stylize(separate(whole) + tail, 'number');
}

function formatBigInt(stylize, number, separator) {
    return stylize(`${separator ? separate(String(number)) : number}n`, 'bigint');
}

function formatString(state, text) {
    let trailer = '';
    if (text.length > state.maxStringLength) {
        const more = text.length - state.maxStringLength;
        text = text.slice(0, state.maxStringLength);
        trailer = `... ${more} more character${more > 1 ? 's' : ''}`;
    }
    if (state.compact !== true && text.length > 16 && text.length > state.breakLength - state.indentation - 4) {
        return text.split(/(?<=\n)/).map((line) => state.stylize(quote(line), 'string'))
            .join(` +\n${' '.repeat(state.indentation + 2)}`) + trailer;
    }
    return state.stylize(quote(text), 'string') + trailer;
}

function formatPrimitive(state, value) {
    switch (typeof value) {
        case 'string': return formatString(state, value);
        case 'number': return formatNumber(state.stylize, value, state.numericSeparator);
        case 'bigint': return formatBigInt(state.stylize, value, state.numericSeparator);
        case 'boolean': return state.stylize(`${value}`, 'boolean');
        case 'undefined': return state.stylize('undefined', 'undefined');
        case 'symbol': return state.stylize(value.toString(), 'symbol');
        default: return state.stylize('null', 'null');
    }
}

function moreItems(count) {
    return `... ${count} more item${count > 1 ? 's' : ''}`;
}

function width(state, text) {
    return state.colors ? stripControl(text).length : text.length;
}

/** Puts the many short items of an array into columns. */
function intoColumns(state, items, array) {
    const count = state.maxArrayLength < items.length ? items.length - 1 : items.length;
    const widths = [];
    let total = 0;
    let widest = 0;
    for (let i = 0; i < count; i++) {
        widths.push(width(state, items[i]));
        total += widths[i] + 2;
        widest = Math.max(widest, widths[i]);
    }
    const cell = widest + 2;
    if (cell * 3 + state.indentation >= state.breakLength || (total / cell <= 5 && widest > 6)) return items;
    const biased = Math.max(cell - 3 - Math.sqrt(cell - total / items.length), 1);
    const columns = Math.min(Math.round(Math.sqrt(2.5 * biased * count) / biased),
        Math.floor((state.breakLength - state.indentation) / cell), state.compact * 4, 15);
    if (columns <= 1) return items;
    const columnWidths = [];
    for (let column = 0; column < columns; column++) {
        let max = 0;
        for (let i = column; i < count; i += columns) max = Math.max(max, widths[i]);
        columnWidths.push(max + 2);
    }
    const numbers = array !== undefined &&
        items.every((_, i) => typeof array[i] === 'number' || typeof array[i] === 'bigint');
    const rows = [];
    for (let start = 0; start < count; start += columns) {
        const end = Math.min(start + columns, count);
        let row = '';
        for (let i = start; i < end; i++) {
            const last = i === end - 1;
            const text = last ? items[i] : `${items[i]}, `;
            const room = columnWidths[i - start] + items[i].length - widths[i];
            row += numbers ? text.padStart(last ? room - 2 : room) : last ? text : text.padEnd(room);
        }
        rows.push(row);
    }
    if (count < items.length) rows.push(items[count]);
    return rows;
}

function fitsOnOneLine(state, items, start, base) {
    let total = items.length + start;
    if (total + items.length > state.breakLength) return false;
    for (const item of items) {
        total += width(state, item);
        if (total > state.breakLength) return false;
    }
    return base === '' || !base.includes('\n');
}

/** Joins what was formatted of an object's entries, on one line where Node would. */
function layOut(state, items, base, open, close, isArray, level, value) {
    const head = base ? `${base} ` : '';
    if (state.compact === true) {
        if (fitsOnOneLine(state, items, 0, base))
            return `${open}${head ? ` ${base}` : ''} ${items.join(', ')} ${close}`;
        const indent = `\n${' '.repeat(state.indentation)}`;
        return `${head}${open}${indent}  ${items.join(`,${indent}  `)} ${close}`;
    }
    const entries = items.length;
    if (isArray && entries > 6) items = intoColumns(state, items, value);
    if (state.currentDepth - level < state.compact && entries === items.length) {
        const start = items.length + state.indentation + open.length + base.length + 10;
        if (fitsOnOneLine(state, items, start, base)) {
            const joined = items.join(', ');
            if (!joined.includes('\n')) return `${head}${open} ${joined} ${close}`;
        }
    }
    const indent = `\n${' '.repeat(state.indentation)}`;
    return `${head}${open}${indent}  ${items.join(`,${indent}  `)}${indent}${close}`;
}

module.exports = {
    COLORS, STYLES, colored, formatBigInt, formatNumber, formatPrimitive, layOut, moreItems, plain, quote, stripControl,
};
