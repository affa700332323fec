/** A command line that a login shell would do more with than split it. */
export class ShellError extends Error {
  override readonly name = "ShellError";
}

/** What would need a real shell: variables, substitutions, pipes, lists, redirections, globs. */
const SPECIAL = /[$`|&;<>(){}*?[\]~\n]/;

/** Splits a command line into its words as a POSIX shell does; single quotes, double quotes and backslashes count. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? "";
    if (char === " " || char === "\t") {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1);
      if (end === -1) throw new ShellError("Syntax error: Unterminated quoted string");
      const quoted = line.slice(at + 1, end);
      if (char === '"' && /[$`\\]/.test(quoted)) throw new ShellError(`no shell here: cannot expand "${quoted}"`);
      word = (word ?? "") + quoted;
      at = end;
    } else if (char === "\\") {
      at += 1;
      word = (word ?? "") + (line[at] ?? "");
    } else if (SPECIAL.test(char)) {
      throw new ShellError(`the lab's nodes have no shell: one command without ${JSON.stringify(char)}, please`);
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}
