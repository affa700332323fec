export const now = new Intl.DateTimeFormat("en").format();
