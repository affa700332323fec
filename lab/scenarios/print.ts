import type { Ladder } from "../../src/core/ladder/climb.ts";
import { RUNG_IDS } from "../../src/core/model/verdict.ts";

const DAY_MS = 86_400_000;

/** `20:04:11`, with `(+1d)` behind it on a later day than the one on which the scenario began. */
export function clockText(atMs: number, startMs: number): string {
  const days = Math.floor(atMs / DAY_MS) - Math.floor(startMs / DAY_MS);
  return `${new Date(atMs).toISOString().slice(11, 19)}${days === 0 ? "" : ` (+${days}d)`}`;
}

/** `7 s`, `3 min 20 s`, `4 h 7 min`. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rows in columns, two blanks apart. */
export function drawColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>((so, row) => row.map((cell, at) => Math.max(so[at] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The matrix node by rung as doctor prints it: the cause in capitals. */
export function drawLadder(ladder: Ladder): readonly string[] {
  const rows = ladder.nodes.map(({ node, verdicts, cause }) => [
    node,
    ...verdicts.map(({ rung, state }) => (rung === cause?.rung ? state.toUpperCase() : state)),
  ]);
  return drawColumns([["NODE", ...RUNG_IDS], ...rows]);
}

/** Counts say how much, not how many: a story must not change because a storm had one more line. */
const STEPS = [1000, 500, 200, 100, 50, 20, 10] as const;

/** `7`, `over 10`, `over 500`. */
export function aboutText(count: number): string {
  const step = STEPS.find((one) => count > one);
  return step === undefined ? String(count) : `over ${step}`;
}

/** A text with its counts of lines and writes told roughly. */
export function roughly(text: string): string {
  return text
    .replace(/\b(\d+)(?= (?:lines|writes failed)\b)/g, (_, count: string) => aboutText(Number(count)))
    .replace(/\bstarted \d+ s ago\b/g, "started less than a minute ago");
}
