import { expect, test } from "vitest";
import { aboutText, clockText, drawColumns, roughly, spanText } from "./print.ts";

const START_MS = Date.UTC(2026, 5, 24, 15, 30);

test("times are clock times of the story, with the day behind it when it is a later one", () => {
  expect(clockText(START_MS + 6000, START_MS)).toBe("15:30:06");
  expect(clockText(START_MS + 9 * 3_600_000, START_MS)).toBe("00:30:00 (+1d)");
});

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [200_000, "3 min 20 s"],
  [3_600_000, "1 h"],
  [14_820_000, "4 h 7 min"],
])("%d ms are %s", (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test("columns are as wide as their widest cell, and no line ends with blanks", () => {
  expect(
    drawColumns([
      ["a", "bb", ""],
      ["ccc", "d", "e"],
    ]),
  ).toEqual(["a    bb", "ccc  d   e"]);
});

test("counts are told roughly", () => {
  expect([0, 7, 10, 11, 480, 9999].map(aboutText)).toEqual(["0", "7", "10", "over 10", "over 200", "over 1000"]);
  expect(roughly('339 writes failed with "x" in 5 min; 3 lines in 15 min; started 14 s ago')).toBe(
    'over 200 writes failed with "x" in 5 min; 3 lines in 15 min; started less than a minute ago',
  );
});
