import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DRILLS } from "./registry.ts";
import { parseSaid } from "./start.ts";

test("the registry lists every drill, and a drill's id is its file's name", () => {
  const files = readdirSync(join(import.meta.dirname, "drills")).map((file) => file.replace(/\.ts$/, ""));
  expect(new Set(DRILLS.map(({ id }) => id))).toEqual(new Set(files.filter((file) => file !== "nodes")));
});

function isNode(name: string): boolean {
  return name === "k8s01";
}

test("what a person says is a rung of a node, or ok of the cluster", () => {
  expect(parseSaid({ rung: "feed", node: "k8s01" }, isNode)).toEqual({ rung: "feed", node: "k8s01" });
  expect(parseSaid({ rung: "ok" }, isNode)).toEqual({ rung: "ok", node: null });
  for (const [said, why] of [
    [{ rung: "ok", node: "k8s01" }, /without a node/],
    [{ rung: "feet", node: "k8s01" }, /no rung "feet"/],
    [{ rung: "feed", node: "k8s09" }, /which node/],
    [{ rung: "feed" }, /which node/],
    [null, /no rung/],
  ] as const) {
    expect(() => parseSaid(said, isNode)).toThrow(why);
  }
});
