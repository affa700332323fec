export const printed = console.log("hello");
