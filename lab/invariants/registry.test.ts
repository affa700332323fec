import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { INVARIANTS } from "./registry.ts";

const FOLDERS = readdirSync(import.meta.dirname, { withFileTypes: true }).flatMap((one) =>
  one.isDirectory() ? [one.name] : [],
);

test("every folder is registered under its own name, with a test and a readme", () => {
  expect(INVARIANTS.map(({ id }) => id).sort()).toEqual([...FOLDERS].sort());
  for (const folder of FOLDERS) {
    expect(readdirSync(`${import.meta.dirname}/${folder}`).sort()).toEqual(["index.test.ts", "index.ts", "readme.md"]);
  }
});

test("each of the ten laws is watched", () => {
  const laws = INVARIANTS.flatMap(({ law }) => law ?? []);
  expect([...new Set(laws)].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
