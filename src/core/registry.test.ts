import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULES } from "./guard/registry.ts";
import { RUNG_BY_ID, RUNGS } from "./ladder/registry.ts";
import { RUNG_IDS } from "./model/verdict.ts";
import { RENEW_WATCHES } from "./runbooks/renew-watches/index.ts";

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(import.meta.dirname, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

const REGISTRIES = [
  ["ladder", RUNGS.map(({ id }) => id)],
  ["guard/rules", RULES.map(({ id }) => id)],
  ["runbooks", [RENEW_WATCHES.replace(/@\d+$/, "")]],
] as const;

describe.each(REGISTRIES)("%s", (path, ids) => {
  test("registers every folder under its name, and nothing else", () => {
    expect([...ids].sort()).toEqual(foldersOf(path));
  });

  test.each(foldersOf(path))("%s has code, a test and a readme", (folder) => {
    for (const file of ["index.ts", "index.test.ts", "readme.md"]) {
      expect(existsSync(join(import.meta.dirname, path, folder, file)), `${path}/${folder}/${file}`).toBe(true);
    }
  });
});

test("the rungs stand from the ground up, in the order of the model", () => {
  expect(RUNGS.map(({ id }) => id)).toEqual(RUNG_IDS);
  for (const id of RUNG_IDS) expect(RUNG_BY_ID[id].id).toBe(id);
});

test("each rung asks a question and each rule keeps something", () => {
  for (const { question } of RUNGS) expect(question).toMatch(/\?$/);
  for (const { keeps } of RULES) expect(keeps).not.toBe("");
});
