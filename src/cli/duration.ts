import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Parses `90s`, `2m`, `1500ms` into ms; for commander's option parsers. Throws InvalidArgumentError. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  if (match?.[1] === undefined || unitMs === undefined) {
    throw new InvalidArgumentError(`"${text}" is no duration; write it like 8s, 1500ms or 2m`);
  }
  return Math.round(Number(match[1]) * unitMs);
}
