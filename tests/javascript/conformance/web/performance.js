// High Resolution Time and User Timing.
'use strict';

const { strictEqual: equal, deepStrictEqual: same, throws, ok } = require('assert');

const onNode = typeof process === 'object' && process.versions?.v8 !== undefined;

// Where Node 20 itself departs from the standard.
function testExceptNode(reason, name, run) {
    if (onNode) test(`${name} (skipped: ${reason})`, () => {});
    else test(name, run);
}

test('performance.now never goes back', () => {
    let last = performance.now();
    equal(typeof last, 'number');
    ok(last >= 0);
    for (let index = 0; index < 1000; index++) {
        const now = performance.now();
        ok(now >= last);
        last = now;
    }
});
test('performance.now moves with time', async () => {
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    ok(performance.now() - before >= 3);
});
test('performance.timeOrigin fits the clock', () => {
    equal(performance.timeOrigin, performance.timeOrigin);
    ok(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000);
});
test('performance.toJSON', () => equal(performance.toJSON().timeOrigin, performance.timeOrigin));
test('performance.mark', () => {
    const mark = performance.mark('m1', { detail: { a: 1 } });
    same([mark.name, mark.entryType, mark.duration, mark.detail], ['m1', 'mark', 0, { a: 1 }]);
    ok(mark instanceof PerformanceMark && mark instanceof PerformanceEntry);
    ok(mark.startTime <= performance.now());
    equal(performance.mark('m2', { startTime: 5 }).startTime, 5);
    equal(performance.mark('m3').detail, null);
    throws(() => performance.mark());
    performance.clearMarks();
});
test('performance.measure between marks', () => {
    performance.mark('from', { startTime: 10 });
    performance.mark('to', { startTime: 25 });
    const measure = performance.measure('span', 'from', 'to');
    same([measure.name, measure.entryType, measure.startTime, measure.duration], ['span', 'measure', 10, 15]);
    ok(measure instanceof PerformanceMeasure);
    equal(performance.measure('open', 'from').startTime, 10);
    equal(performance.measure('all').startTime, 0);
    performance.clearMarks();
    performance.clearMeasures();
});
test('performance.measure with options', () => {
    const measure = performance.measure('o', { start: 5, duration: 7, detail: 'd' });
    same([measure.startTime, measure.duration, measure.detail], [5, 7, 'd']);
    same([performance.measure('o', { start: 1, end: 4 }).duration], [3]);
    performance.clearMeasures();
});
testExceptNode('Node 20 takes them', 'performance.measure refuses members that do not go together', () => {
    throws(() => performance.measure('x', { start: 1, end: 2, duration: 1 }), TypeError);
    throws(() => performance.measure('x', { duration: 1 }), TypeError);
    throws(() => performance.measure('x', { start: 1 }, 'y'), TypeError);
});
test('performance.measure takes the last mark of a name', () => {
    performance.mark('twice', { startTime: 1 });
    performance.mark('twice', { startTime: 3 });
    equal(performance.measure('x', 'twice').startTime, 3);
    performance.clearMarks();
    performance.clearMeasures();
});
test('performance.measure of an unknown mark', () => {
    throws(
        () => performance.measure('x', 'missing'),
        (error) => error.name === 'SyntaxError',
    );
});
test('performance keeps entries until they are cleared', () => {
    performance.mark('b', { startTime: 2 });
    performance.mark('a', { startTime: 1 });
    performance.measure('c', { start: 0, end: 1 });
    const names = (entries) => entries.map((entry) => entry.name);
    same(names(performance.getEntriesByType('mark')), ['a', 'b']);
    same(names(performance.getEntriesByName('c')), ['c']);
    same(names(performance.getEntriesByName('c', 'mark')), []);
    performance.clearMarks('a');
    same(names(performance.getEntriesByType('mark')), ['b']);
    performance.clearMarks();
    performance.clearMeasures();
    same(performance.getEntriesByType('mark'), []);
    same(performance.getEntriesByType('measure'), []);
});
