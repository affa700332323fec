import { expect, it } from "vitest";
import { oneLine } from "./one-line.ts";

it("makes one printable line of what a peer sent, of at most 300 characters", () => {
  expect(oneLine(" rejected\r\n\u001B[2J \u2028 twice ")).toBe("rejected [2J twice");
  expect(oneLine("x".repeat(400))).toBe(`${"x".repeat(299)}…`);
});
