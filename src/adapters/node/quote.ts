/** Words that mean themselves to every POSIX shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Turns an argv into one line that a POSIX shell (and csh and fish, for words without a backslash, `!` or a line break)
 * splits back into exactly these words. ssh has no argv: it sends one string to the login shell of the other side.
 */
export function quoteForPosixShell(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string, index: number): string {
  // In front, `name=value` would be an assignment instead of a program.
  if (PLAIN.test(word) && !(index === 0 && word.includes("="))) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
