// The table of `console.table`.

const { inspect } = require('node/internal/inspect');

function cell(value) {
    return inspect(value, { depth: value !== null && typeof value === 'object' && !Array.isArray(value) &&
        Object.keys(value).length > 2 ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
}

function draw(head, rows) {
    const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)) + 2);
    const line = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
    const print = (row) => `│${row.map((text, column) => ` ${text}`.padEnd(widths[column])).join('│')}│`;
    const top = [line('┌', '┬', '┐'), print(head), line('├', '┼', '┤')];
    return [...top, ...rows.map(print), line('└', '┴', '┘')].join('\n');
}

function entriesOf(data) {
    if (data instanceof Map) return ['(iteration index)', [...data].map(([key, value], i) => [i, value, key])];
    if (data instanceof Set) return ['(iteration index)', [...data].map((value, i) => [i, value])];
    return ['(index)', Object.keys(data).map((key) => [key, data[key]])];
}

/** Rows for the entries of `data`, columns for the properties of those that are objects. */
function table(data, only) {
    const [indexName, entries] = entriesOf(data);
    const isMap = data instanceof Map;
    const columns = only ? [...only] : [];
    let plain = false;
    for (const [, value] of entries) {
        if (value === null || typeof value !== 'object' || isMap) plain = true;
        else if (!only) for (const key of Object.keys(value)) if (!columns.includes(key)) columns.push(key);
    }
    const names = [indexName, ...(isMap ? ['Key'] : []), ...columns, ...(plain ? ['Values'] : [])];
    const rows = entries.map(([index, value, key]) => {
        const nested = value !== null && typeof value === 'object' && !isMap;
        return [`${index}`, ...(isMap ? [cell(key)] : []),
            ...columns.map((name) => (nested && Object.hasOwn(value, name) ? cell(value[name]) : '')),
            ...(plain ? [nested ? '' : cell(value)] : [])];
    });
    return draw(names, rows);
}

module.exports = { table };
