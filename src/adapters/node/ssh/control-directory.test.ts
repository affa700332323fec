import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createControlDirectory, removeControlDirectory } from "./control-directory.ts";

const base = mkdtempSync(join(tmpdir(), "qc-"));
afterAll(() => rmSync(base, { recursive: true }));

describe("createControlDirectory", () => {
  it("is private, and removed without complaint, twice", () => {
    const path = createControlDirectory(base);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    removeControlDirectory(path);
    removeControlDirectory(path);
    expect(existsSync(path)).toBe(false);
  });

  it("clears away what a process that is gone left behind, and nothing else", () => {
    // Process ids end at 2^22 on Linux.
    const [dead, living, foreign] = ["quorate-99999999-abcdef", `quorate-${process.pid}-abcdef`, "quorate-lab"];
    for (const name of [dead, living, foreign]) mkdirSync(join(base, name));
    removeControlDirectory(createControlDirectory(base));
    expect([dead, living, foreign].map((name) => existsSync(join(base, name)))).toEqual([false, true, true]);
  });

  it("leaves a TMPDIR that is too long for sockets", () => {
    const long = join(base, "x".repeat(80));
    mkdirSync(long);
    const path = createControlDirectory(long);
    removeControlDirectory(path);
    expect(path).toMatch(/^\/tmp\/quorate-/);
  });
});
