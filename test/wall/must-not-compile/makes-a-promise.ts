export const later = Promise.resolve(1);
