import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { defaultDirectory, prepareDirectory } from "./directory.ts";

const scratch = mkdtempSync(join(tmpdir(), "quorate-directory-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("it is in the user's runtime directory, or one of our own in the temporary one", () => {
  expect(defaultDirectory({ XDG_RUNTIME_DIR: "/run/user/1000" })).toBe("/run/user/1000/quorate-lab");
  expect(defaultDirectory({})).toBe(join(tmpdir(), `quorate-lab-${process.getuid?.()}`));
});

test("it is ours alone, also when it was open before", () => {
  const path = join(scratch, "new/lab");
  prepareDirectory(path);
  chmodSync(path, 0o755);
  prepareDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a link, a file, and a path that is too long for sockets are refused", () => {
  const link = join(scratch, "link");
  symlinkSync(scratch, link);
  expect(() => prepareDirectory(link)).toThrow("not a directory of our own");
  const file = join(scratch, "file");
  writeFileSync(file, "");
  expect(() => prepareDirectory(join(file, "lab"))).toThrow(/cannot be used .*ENOTDIR/);
  expect(() => prepareDirectory(join(scratch, "x".repeat(90)))).toThrow("too long a path");
});
