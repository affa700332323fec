import { expect, test } from "vitest";
import { drawEvent, paintFor, wrap } from "./draw.ts";

const AT_MS = Date.UTC(2026, 5, 24, 20, 4, 3);

test("a text is broken between words, a number stays with its unit, and no word is lost", () => {
  expect(wrap("without a leader (8 s)", 20)).toEqual(["without a leader", "(8 s)"]);
  expect(wrap("averyveryverylongword and more", 10)).toEqual(["averyveryverylongword", "and more"]);
});

test("the same words with and without colour", () => {
  const event = {
    kind: "nagios",
    atMs: AT_MS,
    node: "k8s02",
    check: "microk8s-kine",
    state: "CRITICAL",
    isHard: true,
    attempt: 3,
    text: "12 lines",
  } as const;
  const [plain] = drawEvent(event, paintFor(false));
  const [coloured] = drawEvent(event, paintFor(true));
  expect(plain).toBe("  20:04:03  Nagios    microk8s-kine on k8s02 CRITICAL (people are told): 12 lines");
  // oxlint-disable-next-line no-control-regex -- the escape sequences are what is taken out
  expect(coloured?.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
  expect(coloured).not.toBe(plain);
});

test("the table has each row's three columns beside each other", () => {
  const rows = [{ what: "a b", monitoring: "c", quorate: "d" }];
  const lines = drawEvent({ kind: "summary", atMs: AT_MS, rows }, paintFor(false));
  expect(lines.at(-1)).toMatch(/^ {2}a b +c +d$/);
});
