export const page = fetch("http://198.51.100.1/");
