import type { ClusterSpec } from "../../world/world.ts";

/** The cluster of the incident review, with its addresses and its load. */
export const PIR_CLUSTER: ClusterSpec = {
  nodes: [
    { name: "k8s01", address: "172.22.22.6" },
    { name: "k8s02", address: "172.22.22.7" },
    { name: "k8s03", address: "172.22.22.9" },
  ],
  release: "1.35",
  workload: "pir",
};

/** Who holds the controllers' Leases in the review, and whose feed dies. */
export const KCM_NODE = "k8s02";

/** A time of the day of the incident. */
export function at(hours: number, minutes: number, seconds = 0): number {
  return Date.UTC(2026, 5, 24, hours, minutes, seconds);
}
