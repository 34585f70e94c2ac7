// The retry policy of a function declared in code, as `retry` of a function.json writes it (reference: Azure Functions,
// section 6.1).
'use strict';

// From what `registerFunction` takes, where times are `{ seconds }`. Undefined when there is none. What is missing in it
// or wrong with it is the host's to tell, as for a function.json.
function policy(options) {
    if (options === undefined || options === null) return undefined;
    return JSON.stringify({
        strategy: options.retryStrategy ?? options.strategy,
        maxRetryCount: options.maxRetryCount,
        delayInterval: timeSpan(options.delayInterval),
        minimumInterval: timeSpan(options.minimumInterval),
        maximumInterval: timeSpan(options.maximumInterval),
    });
}

// `[d.]hh:mm:ss`
function timeSpan(duration) {
    if (duration === undefined || duration === null) return undefined;
    const seconds = Math.round(Number(duration.seconds ?? 0));
    const two = (number) => String(number).padStart(2, '0');
    const days = Math.floor(seconds / 86400);
    const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
    return days > 0 ? `${days}.${clock}` : clock;
}

module.exports = { policy };
