export const one: number = await (1 as number | PromiseLike<number>);
