import { drawNode, nodeOf, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { ask, startClient } from "../client.ts";

const LEASES = ["kube-controller-manager", "kube-scheduler"] as const;

/**
 * Somebody overwrites the holder of the controller manager's or scheduler's Lease. The holder cannot renew any more, and
 * leaves after its renew deadline (30 s in MicroK8s); there that ends the whole kubelite, which systemd starts again.
 */
export const lostKcm: Fault = {
  id: "lost-kcm",
  title: "a controller's Lease is overwritten",
  breaks: "unit",
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("lost-kcm", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      parameters: { lease: random.pick(LEASES) },
    }),
  start: (world, _quorate, plan) => {
    const client = startClient(world, "kubectl");
    const lease = wordOf(plan, "lease", LEASES);
    ask(world, client, nodeOf(plan), {
      method: "PATCH",
      path: `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${lease}`,
      contentType: "application/merge-patch+json",
      body: { spec: { holderIdentity: "intruder" } },
    });
    return () => undefined;
  },
};
