// An orchestrator of the packages durable-functions 1.x and 2.x.
const df = require('durable-functions');

module.exports = df.orchestrator(function* (context) {
    const name = context.df.getInput();
    if (name !== 'Ada') throw new Error(`The input is ${name}`);
    const first = yield context.df.callActivity('F1', 'x');
    if (first === 'fail') throw new Error('failed on purpose');
    const second = yield context.df.callActivity('F2', first);
    context.df.setCustomStatus({ done: true });
    return [first, second];
});
