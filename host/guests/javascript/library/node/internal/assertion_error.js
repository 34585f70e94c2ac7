// AssertionError, whose message shows how the two values differ.

const { inspect } = require('node/internal/inspect');

const HEADINGS = {
    deepStrictEqual: 'Expected values to be strictly deep-equal:',
    strictEqual: 'Expected values to be strictly equal:',
    deepEqual: 'Expected values to be loosely deep-equal:',
    notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
    strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
    notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
    notIdentical: 'Values identical but not reference-equal:',
    notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};
const MOST_LINES = 400;

function show(value) {
    return inspect(value, {
        compact: false,
        customInspect: false,
        depth: 1000,
        maxArrayLength: Infinity,
        showHidden: false,
        showProxy: false,
        breakLength: Infinity,
        sorted: true,
        getters: true,
    });
}

/** Lines of both, those of only one marked with + or -. */
function difference(actual, expected) {
    const a = actual.split('\n').slice(0, MOST_LINES);
    const b = expected.split('\n').slice(0, MOST_LINES);
    const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    const same = (i, j) => a[i] === b[j] || a[i].replace(/,$/, '') === b[j].replace(/,$/, '');
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            lengths[i][j] = same(i, j) ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
        }
    }
    const out = [];
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && same(i, j)) {
            out.push(`  ${a[i++]}`);
            j++;
        } else if (i < a.length && (j === b.length || lengths[i + 1][j] >= lengths[i][j + 1])) {
            out.push(`+ ${a[i++]}`);
        } else {
            out.push(`- ${b[j++]}`);
        }
    }
    return out.join('\n');
}

function isComposite(value) {
    return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function compare(actual, expected, operator) {
    let heading = HEADINGS[operator];
    const left = show(actual);
    const right = show(expected);
    if (operator === 'strictEqual' && isComposite(actual) && isComposite(expected)) {
        heading = left === right ? HEADINGS.notIdentical : HEADINGS.strictEqualObject;
        if (left === right) return `${heading}\n\n${left}\n`;
    }
    if (
        !left.includes('\n') &&
        !right.includes('\n') &&
        left !== right &&
        !isComposite(actual) &&
        !isComposite(expected) &&
        left.length + right.length < 60 &&
        (actual !== 0 || expected !== 0)
    ) {
        return `${heading}\n\n${left} !== ${right}\n`;
    }
    return `${heading}\n+ actual - expected\n\n${difference(left, right)}`;
}

function messageFor({ actual, expected, operator }) {
    switch (operator) {
        case 'deepStrictEqual': case 'strictEqual': return compare(actual, expected, operator);
        case 'notDeepStrictEqual': case 'notStrictEqual': case 'notDeepEqual': {
            const shown = show(actual);
            const heading =
                operator === 'notStrictEqual' && isComposite(actual)
                    ? HEADINGS.notStrictEqualObject
                    : HEADINGS[operator];
            return shown.includes('\n') || shown.length > 50 ? `${heading}\n\n${shown}\n` : `${heading} ${shown}`;
        }
        case 'deepEqual':
            return `${HEADINGS.deepEqual}\n\n${show(actual)}\n\nshould loosely deep-equal\n\n${show(expected)}`;
        default: return `${inspect(actual)} ${operator} ${inspect(expected)}`;
    }
}

class AssertionError extends Error {
    constructor(options) {
        if (options === null || typeof options !== 'object') {
            throw require('node/internal/errors').invalidArgType('options', 'Object', options);
        }
        const { message, operator, stackStartFn, stackStartFunction } = options;
        super(message !== undefined ? String(message) : messageFor(options));
        this.generatedMessage = message === undefined;
        Object.defineProperty(this, 'name', {
            value: 'AssertionError [ERR_ASSERTION]', enumerable: false, writable: true, configurable: true,
        });
        this.code = 'ERR_ASSERTION';
        this.actual = options.actual;
        this.expected = options.expected;
        this.operator = operator;
        const start = stackStartFn ?? stackStartFunction;
        if (typeof start === 'function') Error.captureStackTrace(this, start);
        this.name = 'AssertionError';
    }

    toString() {
        return `${this.name} [${this.code}]: ${this.message}`;
    }
}

module.exports = { AssertionError };
