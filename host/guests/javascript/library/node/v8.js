// `v8`: what packages ask at load; the engine is QuickJS.

const { functions } = require('node/internal/absent');

module.exports = {
    cachedDataVersionTag: () => 0,
    getHeapStatistics: () => ({
        total_heap_size: 0,
        total_heap_size_executable: 0,
        total_physical_size: 0,
        total_available_size: 0,
        used_heap_size: 0,
        heap_size_limit: 0,
        malloced_memory: 0,
        peak_malloced_memory: 0,
        does_zap_garbage: 0,
        number_of_native_contexts: 1,
        number_of_detached_contexts: 0,
        total_global_handles_size: 0,
        used_global_handles_size: 0,
        external_memory: 0,
    }),
    getHeapSpaceStatistics: () => [],
    setFlagsFromString() {},
};
functions(module.exports, 'v8', ['deserialize', 'getHeapSnapshot', 'serialize', 'takeCoverage', 'writeHeapSnapshot'],
    'The engine is QuickJS. For copies of values use structuredClone.');
