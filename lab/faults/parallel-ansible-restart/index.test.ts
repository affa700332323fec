import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { parallelAnsibleRestart } from "./index.ts";

const NODES = ["k8s01", "k8s03"];

test("restarts the datastores side by side, and the kubelites 4 s later, as on 2026-06-24", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const parameters = { apartMs: 0, kubelite: true };
  const undo = parallelAnsibleRestart.start(world, quorate, plan("parallel-ansible-restart", NODES, parameters, 4001));
  await pass(3999);
  expect(did).toEqual(["k8s01 restart datastore by ansible", "k8s03 restart datastore by ansible"]);
  await pass(2);
  undo();
  expect(did.slice(2)).toEqual(["k8s01 restart kubelite by ansible", "k8s03 restart kubelite by ansible"]);
});

test("what it has not begun when it is undone never happens", async () => {
  const { world, quorate, did, pass } = createTestWorld();
  const parameters = { apartMs: 1000, kubelite: true };
  const undo = parallelAnsibleRestart.start(world, quorate, plan("parallel-ansible-restart", NODES, parameters));
  await pass(500);
  undo();
  await pass(60_000);
  expect(did).toEqual(["k8s01 restart datastore by ansible"]);
});
