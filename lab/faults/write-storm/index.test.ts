import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { writeStorm } from "./index.ts";

const NODES = ["k8s01", "k8s02"];

test("writes as often as drawn through each node, and stops when it is undone", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const undo = writeStorm.start(
    world,
    quorate,
    plan("write-storm", NODES, { perSecond: 10, asEvents: true, syncMs: 2 }),
  );
  await pass(10_000);
  for (const node of NODES) {
    const posts = did.filter((line) => line === `${node} POST /api/v1/namespaces/kube-system/events`);
    expect(posts.length).toBeGreaterThan(95);
    expect(posts.length).toBeLessThanOrEqual(100);
  }
  undo();
  await pass(10);
  const before = did.length;
  await pass(10_000);
  expect(did).toHaveLength(before);
});

test("makes the few ConfigMaps that it patches, and deletes them in the end", async () => {
  const test = createTestWorld();
  test.answer = ({ method }) => ({ status: method === "PATCH" ? 404 : 200, body: null });
  const undo = writeStorm.start(
    test.world,
    test.quorate,
    plan("write-storm", NODES, { perSecond: 10, asEvents: false, syncMs: 2 }),
  );
  await test.pass(5000);
  expect(test.did.filter((line) => line.includes("POST")).length).toBeGreaterThan(90);
  undo();
  await test.pass(1000);
  expect(test.did.filter((line) => line.includes("DELETE"))).toHaveLength(20);
});

test("the disks are slow meanwhile, and not any more once it is undone", () => {
  const { world, quorate } = createTestWorld();
  const parameters = { perSecond: 10, asEvents: true, syncMs: 700 };
  const undo = writeStorm.start(world, quorate, plan("write-storm", NODES, parameters));
  expect(NODES.map((node) => world.node(node).host.disk.syncMs)).toEqual([700, 700]);
  undo();
  expect(NODES.map((node) => world.node(node).host.disk.syncMs)).toEqual([1, 1]);
});
