import type { Json } from "../../world/datastore/datastore.ts";

/** What `kubectl create deployment` sends. */
export function deploymentOf(name: string, replicas: number): Json {
  const labels = { app: name };
  const containers = [{ name: "main", image: "registry.k8s.io/pause:3.10" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default", labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}
