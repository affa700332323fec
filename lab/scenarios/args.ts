import { type Command, ScenarioError } from "./text.ts";

/** The arguments of one command, read by name. What is not read is a mistake: see `end`. */
export interface Args {
  readonly verb: string;
  /** The next word; an error when there is none. */
  word(what: string): string;
  /** The next word if it is this one, or one of these; else null, and it stays. */
  wordIf(...words: readonly string[]): string | null;
  /** All words that are left. */
  rest(): readonly string[];
  text(name: string): string;
  textOr<T>(name: string, fallback: T): string | T;
  numberOr(name: string, fallback: number): number;
  /** `90s`, `10m`, `250ms`, `2h`, in ms. */
  durationOr(name: string, fallbackMs: number): number;
  /** `(a,b)` or `a`. */
  list(name: string): readonly string[];
  /** All values that nobody read by name. */
  others(): ReadonlyMap<string, string>;
  fail(message: string): never;
  /** Throws when something was not read: a misspelt argument must not go unnoticed. */
  end(): void;
}

export function argsOf(command: Command): Args {
  const words = [...command.words];
  const values = new Map(command.values);
  const fail = (message: string): never => {
    throw new ScenarioError(`line ${command.line}: ${command.verb}: ${message}`);
  };
  const take = (name: string): string | undefined => {
    const value = values.get(name);
    values.delete(name);
    return value;
  };
  return {
    verb: command.verb,
    word: (what) => words.shift() ?? fail(`${what} is missing`),
    wordIf: (...wanted) => (wanted.includes(words[0] ?? "") ? (words.shift() as string) : null),
    rest: () => words.splice(0),
    text: (name) => take(name) ?? fail(`${name}= is missing`),
    textOr: (name, fallback) => take(name) ?? fallback,
    numberOr: (name, fallback) => {
      const value = take(name);
      if (value === undefined) return fallback;
      return /^-?\d+$/.test(value) ? Number(value) : fail(`${name}=${value} is no whole number`);
    },
    durationOr: (name, fallbackMs) => {
      const value = take(name);
      if (value === undefined) return fallbackMs;
      return parseDuration(value) ?? fail(`${name}=${value} is no duration (90s, 10m, 250ms, 2h)`);
    },
    list: (name) => (take(name) ?? fail(`${name}= is missing`)).replace(/^\((.*)\)$/s, "$1").split(","),
    others: () => {
      const left = new Map(values);
      values.clear();
      return left;
    },
    fail,
    end: () => {
      const left = [...words, ...[...values].map(([name, value]) => `${name}=${value}`)];
      if (left.length > 0) fail(`what is ${left.join(" ")}?`);
    },
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s` in ms; null when it is no duration. */
export function parseDuration(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? null : Math.round(Number(number) * (UNIT_MS[unit] as number));
}
