import { join } from "node:path";
import { expect } from "vitest";
import { runCommand } from "../../src/adapters/exec/run.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

/** Halves the start of each process: its own sources need not be stripped and compiled anew. */
const CACHE = { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/quorate-e2e") };

/** How the real command is started. */
export const NODE_ARGV: readonly string[] = [NODE, join(ROOT, "bin/quorate.ts")];

export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs the real command as a process, without a terminal. Nothing it says may hold colour or a stack trace. */
export async function quorate(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> {
  const options = { deadlineMs: 18_000, outputBytesMax: 16 * 1024 * 1024, env: { ...CACHE, ...env } };
  const result = await runCommand([...NODE_ARGV, ...argv], options);
  expect(result.outcome).toBe("exited");
  const said = { ...result, stdout: result.stdout.toString("utf8") };
  for (const text of [said.stdout, said.stderr]) {
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  }
  return said;
}

/** A mistake: exit code 64, nothing on stdout, and one line on stderr (commander adds a hint in parentheses). */
export async function mistake(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await quorate(argv, env);
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: "" });
  const [line = "", ...rest] = stderr.trimEnd().split("\n");
  expect(rest.filter((more) => !/^\(.*\)$/.test(more))).toEqual([]);
  expect(line).toMatch(/^quorate: \S/);
  return line;
}
