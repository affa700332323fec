import { assert, array, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { diffText } from "./diff.ts";

test("shows what was taken out and put in, with the lines around it", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "old", "10"].join("\n");
  expect(diffText(before, before.replace("old", "new"))).toBe([" 7", " 8", " 9", "-old", "+new", " 10"].join("\n"));
  expect(diffText(before, before)).toBe("");
});

test("what is kept and put in is the new text, what is kept and taken out is the old one", () => {
  const text = array(constantFrom("a", "b", "c"), { minLength: 1, maxLength: 7 }).map((lines) => lines.join("\n"));
  assert(
    property(text, text, (before, after) => {
      const lines = diffText(before, after).split("\n");
      if (before === after || lines.includes("...")) return;
      const side = (mark: string) =>
        lines
          .filter((line) => line.startsWith(" ") || line.startsWith(mark))
          .map((line) => line.slice(1))
          .join("\n");
      // Far lines are left out, so what is shown is a part of the whole.
      expect(before).toContain(side("-"));
      expect(after).toContain(side("+"));
    }),
  );
});
