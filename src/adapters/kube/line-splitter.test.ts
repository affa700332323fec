import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineSplitter } from "./line-splitter.ts";

describe("the line splitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", ""));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({ max: 30 })), (lines, cuts) => {
        const seen: string[] = [];
        const push = createLineSplitter(10_000, (bytes) => seen.push(bytes.toString("utf8")));
        let rest = Buffer.from(lines.map((text) => `${text}\n`).join(""));
        for (const cut of cuts) {
          expect(push(rest.subarray(0, cut))).toBe(true);
          rest = rest.subarray(cut);
        }
        expect(push(rest)).toBe(true);
        expect(seen).toEqual(lines.filter((text) => text !== ""));
      }),
    );
  });

  it("holds back a line without its end", () => {
    const seen: Buffer[] = [];
    createLineSplitter(100, (bytes) => seen.push(bytes))(Buffer.from("half"));
    expect(seen).toEqual([]);
  });

  it("takes a line of exactly the bound, and nothing after one beyond it", () => {
    const seen: string[] = [];
    const push = createLineSplitter(4, (bytes) => seen.push(bytes.toString()));
    expect(push(Buffer.from("1234\n"))).toBe(true);
    expect(push(Buffer.from("123"))).toBe(true);
    expect(push(Buffer.from("45\nab\n"))).toBe(false);
    expect(push(Buffer.from("ab\n"))).toBe(false);
    expect(seen).toEqual(["1234"]);
  });
});
