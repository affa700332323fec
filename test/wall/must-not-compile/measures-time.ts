export const startedMs = performance.now();
