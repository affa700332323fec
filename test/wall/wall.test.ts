import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * The wall around the core, proven: each file of `must-not-compile` breaks it in one way and is put into a copy of
 * `src/core`; the compiler or the linter, with the settings that the core itself has, must refuse it for that reason.
 */
const ROOT = join(import.meta.dirname, "../..");
const BREACHES = join(import.meta.dirname, "must-not-compile");

/** What each breach is refused for: error codes of the compiler, rules of the linter. */
const REFUSED_FOR: Readonly<Record<string, readonly string[]>> = {
  "awaits.ts": ["node(no-top-level-await)"],
  "calls-date.ts": ["eslint(no-restricted-globals)"],
  "draws-a-random-id.ts": ["TS2304"],
  "draws-a-random-number.ts": ["eslint(no-restricted-properties)"],
  "evaluates.ts": ["eslint(no-eval)"],
  "fetches.ts": ["TS2304"],
  "formats-the-time-of-now.ts": ["eslint(no-restricted-globals)"],
  "imports-a-package.ts": ["eslint(no-restricted-imports)"],
  "imports-a-port.ts": ["TS6059", "eslint(no-restricted-imports)"],
  "imports-an-adapter.ts": ["TS6059", "eslint(no-restricted-imports)"],
  "imports-node-fs-later.ts": ["TS2591", "eslint(no-restricted-imports)"],
  "imports-node-fs.ts": ["TS2591", "eslint(no-restricted-imports)"],
  "is-an-async-function.ts": ["oxc(no-async-await)"],
  "makes-a-date-of-now.ts": ["eslint(no-restricted-globals)"],
  "makes-a-promise.ts": ["eslint(no-restricted-globals)"],
  "measures-time.ts": ["TS2304"],
  "prints.ts": ["TS2584"],
  "pulls-in-the-types-of-node.ts": ["typescript(triple-slash-reference)"],
  "reaches-through-global-this.ts": ["eslint(no-restricted-globals)"],
  "reads-the-clock.ts": ["eslint(no-restricted-globals)"],
  "reads-the-process.ts": ["TS2591"],
  "sets-a-timer.ts": ["TS2304"],
  "silences-the-compiler.ts": ["typescript(ban-ts-comment)"],
  "skips-the-compiler.ts": ["typescript(ban-ts-comment)"],
};

/** These change what the compiler sees of all other files, so they are compiled apart. */
const APART = ["imports-a-port.ts", "imports-an-adapter.ts", "pulls-in-the-types-of-node.ts"];

const INNOCENT = `import { ageText } from "../ladder/rung.ts";
import type { NodeName } from "../model/observation.ts";

/** What the core may be: a pure function of its arguments that imports the core alone. */
export function since(node: NodeName, atMs: number, nowMs: number): string {
  return \`\${node}: \${ageText(Math.max(0, nowMs - atMs))}\`;
}
`;

let scratch = "";
const refusals = new Map<string, string[]>();

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "quorate-wall-"));
  for (const file of ["package.json", "tsconfig.base.json", ".oxlintrc.json"]) {
    cpSync(join(ROOT, file), join(scratch, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(scratch, "node_modules"));
  for (const folder of ["core", "ports", "adapters/clock"]) {
    const from = join(ROOT, "src", folder);
    cpSync(from, join(scratch, "src", folder), { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  }
  const all = Object.keys(REFUSED_FOR);
  place(all.filter((file) => !APART.includes(file)));
  compile();
  place(APART.filter((file) => file.startsWith("imports-")));
  compile();
  place(all);
  lint();
}, 60_000);

afterAll(() => {
  if (scratch !== "") rmSync(scratch, { recursive: true });
});

/** Puts these breaches, and the innocent file, into the copy of the core, and takes all others away. */
function place(files: readonly string[]): void {
  const room = join(scratch, "src/core/wall-proof");
  rmSync(room, { recursive: true, force: true });
  mkdirSync(room);
  writeFileSync(join(room, "innocent.ts"), INNOCENT);
  for (const file of files) cpSync(join(BREACHES, file), join(room, file));
}

function compile(): void {
  const output = run("tsc", ["-p", "src/core", "--pretty", "false"]);
  for (const [, path = "", code = ""] of output.matchAll(/^([^\s(]+)\(\d+,\d+\): error (TS\d+):/gm)) note(path, code);
}

function lint(): void {
  const output = run("oxlint", ["-c", ".oxlintrc.json", "--format", "unix", "src/core"]);
  for (const [, path = "", rule = ""] of output.matchAll(/^([^\s:]+):\d+:\d+: .* \[Error\/(.+)\]$/gm)) note(path, rule);
}

/** Runs a tool of the repository in the copy; a breach makes it fail, so its exit code says nothing here. */
function run(tool: string, argv: readonly string[]): string {
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const bin = join(ROOT, "node_modules/.bin", tool);
  const { stdout, error } = spawnSync(bin, argv, {
    cwd: scratch,
    encoding: "utf8",
    env: { PATH: path },
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return stdout;
}

function note(path: string, reason: string): void {
  const file = path.includes("wall-proof") ? basename(path) : path;
  const noted = refusals.get(file) ?? [];
  if (!noted.includes(reason)) refusals.set(file, [...noted, reason]);
}

describe("the core's own compiler and linter settings", () => {
  test.each(Object.entries(REFUSED_FOR))("refuse %s for exactly %j", (file, reasons) => {
    expect((refusals.get(file) ?? []).sort()).toEqual([...reasons].sort());
  });

  test("pass a file that only computes", () => {
    expect(refusals.get("innocent.ts")).toBeUndefined();
  });

  test("pass the core itself, so that nothing else was refused", () => {
    expect([...refusals.keys()].filter((path) => path.startsWith("src/core/"))).toEqual([]);
  });
});

test("every breach has its reason here, and every reason its breach", () => {
  expect(readdirSync(BREACHES).sort()).toEqual(Object.keys(REFUSED_FOR).sort());
});
