import { describe, expect, test } from "vitest";
import { isEqual } from "./equal.ts";
import { applyPatch } from "./patch.ts";

const STRATEGIC = "application/strategic-merge-patch+json";
const POD = {
  metadata: { labels: { app: "a", tier: "web" }, finalizers: ["x"] },
  spec: {
    containers: [
      { name: "one", image: "i:1", ports: [{ containerPort: 80, name: "http" }], args: ["a", "b"] },
      { name: "two", image: "j:1" },
    ],
  },
  status: {
    conditions: [
      { type: "Ready", status: "False" },
      { type: "Initialized", status: "True" },
    ],
  },
};

describe("a merge patch", () => {
  test("changes what it names, removes what it nulls, replaces lists whole", () => {
    const patch = { metadata: { labels: { tier: null, zone: "z" } }, spec: { containers: [{ name: "three" }] } };
    expect(applyPatch("application/merge-patch+json", POD, patch)).toEqual({
      value: {
        ...POD,
        metadata: { labels: { app: "a", zone: "z" }, finalizers: ["x"] },
        spec: { containers: [{ name: "three" }] },
      },
    });
  });
});

describe("a strategic merge patch", () => {
  test("merges containers by name, ports by containerPort and conditions by type, and leaves the original alone", () => {
    const before = structuredClone(POD);
    const patch = {
      spec: {
        containers: [{ name: "one", image: "i:2", ports: [{ containerPort: 81 }], args: ["c"] }, { name: "new" }],
      },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    };
    expect(applyPatch(STRATEGIC, POD, patch)).toMatchObject({
      value: {
        spec: {
          containers: [
            { name: "one", image: "i:2", ports: [{ containerPort: 80 }, { containerPort: 81 }], args: ["c"] },
            { name: "two", image: "j:1" },
            { name: "new" },
          ],
        },
        status: {
          conditions: [
            { type: "Ready", status: "True" },
            { type: "Initialized", status: "True" },
          ],
        },
      },
    });
    expect(POD).toEqual(before);
  });

  test("merges a Service's ports by port", () => {
    const service = { spec: { ports: [{ port: 80, targetPort: 1 }] } };
    expect(applyPatch(STRATEGIC, service, { spec: { ports: [{ port: 80, targetPort: 2 }] } })).toEqual({
      value: { spec: { ports: [{ port: 80, targetPort: 2 }] } },
    });
  });

  test("deletes by $patch and by $deleteFromPrimitiveList, replaces by $patch", () => {
    const patch = {
      metadata: { "$deleteFromPrimitiveList/finalizers": ["x"], labels: { $patch: "replace", only: "1" } },
      spec: { containers: [{ name: "two", $patch: "delete" }] },
    };
    const result = applyPatch(STRATEGIC, POD, patch);
    expect(result).toMatchObject({ value: { metadata: { finalizers: [], labels: { only: "1" } } } });
    expect(result).toMatchObject({ value: { spec: { containers: [{ name: "one" }] } } });
    expect(JSON.stringify(result)).not.toContain("$");
  });
});

const json = (operations: Parameters<typeof applyPatch>[2]) =>
  applyPatch("application/json-patch+json", POD, operations);

describe("a JSON patch", () => {
  test("adds, replaces, removes, moves and copies", () => {
    const result = json([
      { op: "test", path: "/metadata/labels/app", value: "a" },
      { op: "replace", path: "/spec/containers/0/image", value: "i:9" },
      { op: "add", path: "/spec/containers/1", value: { name: "mid" } },
      { op: "add", path: "/metadata/labels/a~1b", value: "slash" },
      { op: "remove", path: "/spec/containers/2" },
      { op: "move", from: "/metadata/labels/tier", path: "/metadata/labels/moved" },
      { op: "copy", from: "/metadata/labels/app", path: "/metadata/labels/copied" },
      { op: "add", path: "/metadata/finalizers/-", value: "y" },
    ]);
    expect(result).toMatchObject({
      value: {
        metadata: { labels: { app: "a", "a/b": "slash", moved: "web", copied: "a" }, finalizers: ["x", "y"] },
        spec: { containers: [{ image: "i:9" }, { name: "mid" }] },
      },
    });
  });

  test.each([
    { op: "test", path: "/metadata/labels/app", value: "b" },
    { op: "remove", path: "/metadata/labels/none" },
    { op: "replace", path: "/nothing/here", value: 1 },
    { op: "add", path: "/spec/containers/9", value: 1 },
  ])("fails as a whole: %j", (operation) => {
    expect(json([{ op: "add", path: "/metadata/x", value: 1 }, operation])).toHaveProperty("error");
  });
});

test("values are equal when they say the same, in whatever order of fields", () => {
  expect(isEqual({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
  expect(isEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(isEqual({ a: 1, b: 2 }, { a: 1 })).toBe(false);
  expect(isEqual([1, 2], [2, 1])).toBe(false);
  expect(isEqual([], {})).toBe(false);
  expect(isEqual(null, {})).toBe(false);
});
