// What the durable extension hands to an orchestrator (durable reference, sections 2.3 and 2.4): the history of a chain
// whose activities F1, F2, … have returned these results, one in each turn so far.
module.exports = function payload(results) {
    const history = [];
    let second = 0;
    const add = (EventType, IsPlayed, more = {}) => {
        const Timestamp = `2026-11-23T10:00:${String(second).padStart(2, '0')}.0000000Z`;
        history.push({ EventType, EventId: -1, IsPlayed, Timestamp, ...more });
    };
    const turns = results.length + 1;
    for (let turn = 0; turn < turns; turn++, second++) {
        const played = turn < turns - 1;
        add(12, played);
        if (turn === 0) add(0, played, { Name: 'chain', Input: '"Ada"', Version: null, Tags: null });
        else add(5, played, { TaskScheduledId: turn - 1, Result: JSON.stringify(results[turn - 1]) });
        if (!played) break;
        add(4, true, { EventId: turn, Name: `F${turn + 1}`, Version: '', Input: null });
        add(13, true);
    }
    return {
        history,
        input: 'Ada',
        instanceId: '0123456789abcdef0123456789abcdef',
        isReplaying: false,
        parentInstanceId: null,
        upperSchemaVersion: 1,
        upperSchemaVersionNew: 2,
        longRunningTimerIntervalDuration: '3.00:00:00',
        maximumShortTimerDuration: '6.00:00:00',
        defaultHttpAsyncRequestSleepTimeMillseconds: 30000,
    };
};
