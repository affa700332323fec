// @ts-ignore
export const timer = setTimeout(() => undefined, 1000);
