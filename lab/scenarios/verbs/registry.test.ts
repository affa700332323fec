import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { VERBS } from "./registry.ts";

test("all verbs are registered, each under its file's name", () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => !name.startsWith("registry.") && !name.endsWith(".test.ts"))
    .map((name) => name.replace(/\.ts$/, ""));
  expect(VERBS.map(({ id }) => id).sort()).toEqual(files.sort());
});

test("each verb says how it is written", () => {
  for (const { id, usage } of VERBS) expect(usage.startsWith(id), id).toBe(true);
});
