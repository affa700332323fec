/** One command of a scenario: a verb, its words, and its `name=value` arguments. */
export interface Command {
  readonly verb: string;
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** Commands and the output that is expected of them. */
export interface Block {
  /** Everything up to the `----`, verbatim: comments, blank lines, commands. */
  readonly head: string;
  readonly commands: readonly Command[];
  readonly expected: string;
}

export interface Scenario {
  readonly blocks: readonly Block[];
  /** What stands after the last block: comments. */
  readonly tail: string;
}

/** A mistake in a scenario's text, for whoever writes it. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

const SEPARATOR = "----";

/**
 * Reads a scenario, in the form of raft's interaction tests: commands, a line `----`, and their output up to a blank line.
 * `#` begins a comment.
 */
export function parseScenario(text: string): Scenario {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let head: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    at += 1;
    if (line !== SEPARATOR) {
      head.push(line);
      continue;
    }
    const begin = at;
    while (at < lines.length && lines[at] !== "") at += 1;
    const firstLine = begin - head.length;
    const commands = head.flatMap((one, index) => parseCommand(one, firstLine + index) ?? []);
    if (commands.length === 0) throw new ScenarioError(`line ${begin}: an output without a command`);
    blocks.push({ head: head.join("\n"), commands, expected: lines.slice(begin, at).join("\n") });
    head = [];
    at += 1;
  }
  const open = head.findIndex((one, index) => parseCommand(one, lines.length - head.length + index + 1) !== null);
  if (open >= 0)
    throw new ScenarioError(`line ${lines.length - head.length + open + 1}: a command without a ${SEPARATOR}`);
  return { blocks, tail: head.join("\n").trim() };
}

/** The text again, with other outputs; what was parsed and has the same outputs comes out as it was. */
export function printScenario({ blocks, tail }: Scenario, outputs: readonly string[]): string {
  const printed = blocks.map(({ head }, at) => {
    const output = outputs[at] ?? "";
    return [head, SEPARATOR, ...(output === "" ? [] : [output]), ""].join("\n");
  });
  return `${[...printed, tail].join("\n").trim()}\n`;
}

/** A line's command; null for a comment or a blank line. */
export function parseCommand(text: string, line: number): Command | null {
  const tokens = tokensOf(text.trim(), line);
  const [verb, ...rest] = tokens;
  if (verb === undefined) return null;
  const words: string[] = [];
  const values = new Map<string, string>();
  for (const token of rest) {
    const [, name, value] = /^([a-z][A-Za-z-]*)=(.*)$/s.exec(token) ?? [];
    if (name === undefined || value === undefined) words.push(token);
    else if (values.has(name)) throw new ScenarioError(`line ${line}: ${name}= is given twice`);
    else values.set(name, value);
  }
  return { verb, words, values, line };
}

/** Words by blanks; `"` holds blanks together; `#` at the beginning of a word begins a comment. */
function tokensOf(text: string, line: number): readonly string[] {
  const tokens: string[] = [];
  let token: string | null = null;
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') {
      isQuoted = !isQuoted;
      token ??= "";
    } else if (!isQuoted && character === " ") {
      if (token !== null) tokens.push(token);
      token = null;
    } else if (!isQuoted && character === "#" && token === null) {
      break;
    } else {
      token = (token ?? "") + character;
    }
  }
  if (isQuoted) throw new ScenarioError(`line ${line}: a quotation mark is missing`);
  return token === null ? tokens : [...tokens, token];
}
