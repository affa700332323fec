import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { lostKcm } from "./index.ts";

test("overwrites the holder, and nothing else of the Lease", async () => {
  const { world, quorate, did, bodies, pass } = createTestWorld();
  lostKcm.start(world, quorate, plan("lost-kcm", ["k8s03"], { lease: "kube-scheduler" }, 0))();
  await pass(100);
  expect(did).toEqual(["k8s03 PATCH /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler"]);
  expect(bodies).toEqual([{ spec: { holderIdentity: "intruder" } }]);
});
