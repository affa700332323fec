import type { Component } from "../component.ts";
import { startCronJobs } from "./cronjob.ts";
import { startDeployments } from "./deployment.ts";
import { startEndpointSlices } from "./endpointslice.ts";
import { startEviction } from "./eviction.ts";
import { startGarbageCollection } from "./garbage.ts";
import { startJobs } from "./job.ts";
import { startNodeHealth } from "./node-health.ts";
import { startReplicaSets } from "./replicaset.ts";
import { startTtlAfterFinished } from "./ttl-after-finished.ts";

/** What the controllers know by; each waits for all of these first, as `WaitForCacheSync` does. */
const RESOURCES = [
  "deployments.apps",
  "replicasets.apps",
  "pods",
  "jobs.batch",
  "cronjobs.batch",
  "nodes",
  "leases.coordination.k8s.io",
  "services",
  "endpointslices.discovery.k8s.io",
  "namespaces",
] as const;

/**
 * The controllers of kube-controller-manager, once it leads. They act on what their informers tell and on nothing else,
 * so above a frozen watch cache they have nothing to do, while the Lease is renewed beside them.
 */
export function startControllers(component: Component): void {
  component.informers.whenSynced(RESOURCES, () => {
    startReplicaSets(component);
    startDeployments(component);
    startJobs(component);
    startCronJobs(component);
    startTtlAfterFinished(component);
    startNodeHealth(component, startEviction(component));
    startEndpointSlices(component);
    startGarbageCollection(component);
  });
}
