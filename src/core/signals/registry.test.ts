import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SIGNALS } from "./registry.ts";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe("signals", () => {
  it("are all registered, each under its folder's name", () => {
    expect(SIGNALS.map((signal) => signal.id).sort()).toEqual(folders.sort());
  });

  it.each(folders)("%s has a readme, fixtures and a test", (folder) => {
    for (const part of ["readme.md", "fixtures", "index.test.ts"]) {
      expect(existsSync(join(import.meta.dirname, folder, part)), part).toBe(true);
    }
  });
});
