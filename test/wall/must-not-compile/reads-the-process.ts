export const user = process.env["USER"];
