export const now: unknown = eval("1");
