import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCommand } from "../exec/run.ts";
import { quoteForPosixShell } from "./quote.ts";

/** What a real shell makes of the line: the words after the first, NUL-separated by printf. */
async function wordsBySh(line: string): Promise<string[]> {
  const result = await runCommand(["sh", "-c", line], { deadlineMs: 10_000 });
  expect(result.stderr).toBe("");
  return result.stdout.toString("utf8").split("\0").slice(0, -1);
}

describe("quoteForPosixShell", () => {
  it("leaves plain words as people write them", () => {
    expect(quoteForPosixShell(["systemctl", "show", "--property=Id,MainPID", "/run/kine.sock:12379"])).toBe(
      "systemctl show --property=Id,MainPID /run/kine.sock:12379",
    );
  });

  it("never lets a first word become an assignment or an empty word vanish", () => {
    expect(quoteForPosixShell(["A=b", "c"])).toBe("'A=b' c");
    expect(quoteForPosixShell(["a", ""])).toBe("a ''");
  });

  it("keeps every word through a real shell", async () => {
    const word = fc.oneof(fc.string(), fc.stringMatching(/^[ '"\\$`!*?\n\t;&|<>(){}[\]~#=-]{0,12}$/));
    const words = fc.array(
      word.filter((text) => !text.includes("\0") && text.isWellFormed()),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(words, async (argv) => {
        expect(await wordsBySh(`printf '%s\\0' ${quoteForPosixShell(["x", ...argv])}`)).toEqual(["x", ...argv]);
      }),
      { numRuns: 60 },
    );
  });
});
