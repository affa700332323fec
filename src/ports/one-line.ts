/** Long enough for an apiserver's message, short enough for one line of a terminal. */
const MESSAGE_CHARS_MAX = 300;

/** `text` as one printable line of at most 300 characters: what a peer sends must not draw on the terminal. */
export function oneLine(text: string): string {
  const flat = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return flat.length <= MESSAGE_CHARS_MAX ? flat : `${flat.slice(0, MESSAGE_CHARS_MAX - 1)}…`;
}
