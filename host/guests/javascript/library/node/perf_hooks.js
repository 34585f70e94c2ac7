// `perf_hooks`: the global `performance`.

const { functions } = require('node/internal/absent');

for (const name of ['performance', 'Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure',
    'PerformanceObserver', 'PerformanceObserverEntryList', 'PerformanceResourceTiming']) {
    Object.defineProperty(exports, name, { enumerable: true, get: () => globalThis[name] });
}
exports.constants = Object.freeze({ NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1 });
functions(exports, 'perf_hooks', ['createHistogram', 'monitorEventLoopDelay'], 'Measure with performance.now().');
