// @ts-nocheck
export const timer = setTimeout(() => undefined, 1000);
