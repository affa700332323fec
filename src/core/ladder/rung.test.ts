import { expect, test } from "vitest";
import { ageText } from "./rung.ts";

test.each([
  [0, "0 ms"],
  [850.4, "850 ms"],
  [1000, "1.0 s"],
  [12_340, "12.3 s"],
  [59_949, "59.9 s"],
  [59_960, "1 min 0 s"],
  [119_700, "2 min 0 s"],
  [344_000, "5 min 44 s"],
])("an age of %d ms reads %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
