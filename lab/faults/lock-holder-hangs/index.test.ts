import { expect, test } from "vitest";
import { LOCK_NAME as PRODUCTION_NAME, LOCK_NAMESPACE } from "../../../src/app/kube/lease-lock.ts";
import { createTestWorld, plan } from "../test-world.ts";
import { lockHolderHangs } from "./index.ts";
import { LOCK_NAME, LOCK_PATH } from "./take-lock.ts";

const PLAN = plan("lock-holder-hangs", ["k8s01"], { leaseSeconds: 300 });
const lease = (holderIdentity: string, renewTime = "2026-06-24T16:00:00.000000Z") => ({
  metadata: { name: LOCK_NAME, resourceVersion: "7" },
  spec: { holderIdentity, renewTime, leaseDurationSeconds: 900 },
});

test("is about the very Lease that is the production lock", () => {
  expect(LOCK_NAME).toBe(PRODUCTION_NAME);
  expect(LOCK_PATH).toBe(`/apis/coordination.k8s.io/v1/namespaces/${LOCK_NAMESPACE}/leases`);
});

test("takes a lock that is free, once, and gives it back when it is undone", async () => {
  const test = createTestWorld();
  let held: ReturnType<typeof lease> | null = null;
  test.answer = ({ method, body }) => {
    if (method === "POST" || method === "PUT") held = body as ReturnType<typeof lease>;
    return { status: held === null ? 404 : 200, body: held };
  };
  const undo = lockHolderHangs.start(test.world, test.quorate, PLAN);
  await test.pass(30_000);
  expect(held).toMatchObject({ spec: { holderIdentity: "ansible/update-home", leaseDurationSeconds: 300 } });
  expect(test.bodies).toHaveLength(1);
  undo();
  await test.pass(30_000);
  expect(held).toMatchObject({ spec: { holderIdentity: "" } });
  expect(test.bodies).toHaveLength(2);
});

test("steals no lock, and takes one that has run out", async () => {
  const test = createTestWorld();
  test.answer = () => ({ status: 200, body: lease("quorate/run-1") });
  lockHolderHangs.start(test.world, test.quorate, PLAN);
  await test.pass(890_000);
  expect(test.bodies).toEqual([]);
  await test.pass(30_000);
  expect(test.bodies).toMatchObject([
    { metadata: { resourceVersion: "7" }, spec: { holderIdentity: "ansible/update-home" } },
  ]);
});
