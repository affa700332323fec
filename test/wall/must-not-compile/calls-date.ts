export const now = Date();
