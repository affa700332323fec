import * as fc from "fast-check";
import { expect, test } from "vitest";
import { microTimeText, parseTimeMs, timeText } from "./time.ts";

test("times are written as ISO 8601 has them, and read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), (ms) => {
      const iso = new Date(ms).toISOString();
      expect(timeText(ms)).toBe(`${iso.slice(0, 19)}Z`);
      expect(microTimeText(ms)).toBe(`${iso.slice(0, 23)}000Z`);
      expect(parseTimeMs(microTimeText(ms))).toBe(ms);
    }),
  );
  expect(parseTimeMs(undefined)).toBeNaN();
});
