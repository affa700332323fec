import { expect, test } from "vitest";
import { argsOf, parseDuration } from "./args.ts";
import { type Command, parseCommand } from "./text.ts";

const args = (text: string) => argsOf(parseCommand(text, 3) as Command);

test.each([
  ["250ms", 250],
  ["90s", 90_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["90", null],
  ["-5s", null],
  ["5 s", null],
])("%s is %j ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test("words and values are read once, in any order; what is not read is a mistake", () => {
  const read = args("fault power-loss node=k8s01 for=30s nodes=(a,b) parts=c");
  expect(read.word("a fault")).toBe("power-loss");
  expect(read.durationOr("for", 0)).toBe(30_000);
  expect(read.list("nodes")).toEqual(["a", "b"]);
  expect(read.list("parts")).toEqual(["c"]);
  expect(() => read.end()).toThrow("line 3: fault: what is node=k8s01?");
  expect(read.text("node")).toBe("k8s01");
  read.end();
});

test("what is missing or no number is said", () => {
  expect(() => args("wait").word("how long")).toThrow("line 3: wait: how long is missing");
  expect(() => args("cluster nodes=three").numberOr("nodes", 3)).toThrow("nodes=three is no whole number");
  expect(() => args("fault x for=ever").durationOr("for", 0)).toThrow("for=ever is no duration");
});

test("a word that is not the asked one stays", () => {
  const read = args("quorate recover");
  expect(read.wordIf("stop")).toBeNull();
  expect(read.wordIf("observe", "recover")).toBe("recover");
});
