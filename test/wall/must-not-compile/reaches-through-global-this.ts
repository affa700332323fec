export const nowMs = globalThis.Date.now();
