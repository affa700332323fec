import { array, assert, constantFrom, property, string } from "fast-check";
import { expect, test } from "vitest";
import { quoteForPosixShell } from "../../../src/adapters/node/quote.ts";
import { ShellError, splitWords } from "./shell-words.ts";

/** What a shell looks at, and what it does not. */
const CHARS = constantFrom("'", '"', "\\", " ", "\n", "\t", "$", "`", ";", "|", "*", "~", "#", "=", "a", "0", "-", "é");

test("what Quorate quotes for a shell comes back word by word", () => {
  assert(
    property(array(string({ unit: CHARS }), { minLength: 1 }), (words) => {
      expect(splitWords(quoteForPosixShell(words))).toEqual(words);
    }),
  );
});

test("what people type", () => {
  expect(splitWords("  systemctl   status 'a b' \"c d\" e\\ f '' ")).toEqual([
    "systemctl",
    "status",
    "a b",
    "c d",
    "e f",
    "",
  ]);
});

test.each(["a; b", "a | b", "a > b", "echo $HOME", "`a`", 'echo "$HOME"', "'a"])("%s would need a shell", (line) => {
  expect(() => splitWords(line)).toThrow(ShellError);
});
