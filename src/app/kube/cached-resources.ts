/** A built-in resource whose reads an apiserver serves from a watch cache. */
export interface CachedResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/**
 * The resources to judge, one cache each: what controllers, kubelets, kube-proxy and CNI plug-ins act on. Not
 * `events`: they have no watch cache (kubernetes pkg/kubeapiserver/default_storage_factory_builder.go,
 * DefaultWatchCacheSizes). Group versions are served by every release since Kubernetes 1.21.
 */
export const CACHED_RESOURCES: readonly CachedResource[] = [
  { group: "coordination.k8s.io", version: "v1", plural: "leases", namespaced: true },
  { group: "", version: "v1", plural: "pods", namespaced: true },
  { group: "", version: "v1", plural: "nodes", namespaced: false },
  { group: "", version: "v1", plural: "configmaps", namespaced: true },
  // Only the list's revision is read; an empty selection holds no Secret.
  { group: "", version: "v1", plural: "secrets", namespaced: true },
  { group: "", version: "v1", plural: "services", namespaced: true },
  { group: "discovery.k8s.io", version: "v1", plural: "endpointslices", namespaced: true },
  { group: "", version: "v1", plural: "serviceaccounts", namespaced: true },
  { group: "apps", version: "v1", plural: "deployments", namespaced: true },
  { group: "apps", version: "v1", plural: "replicasets", namespaced: true },
  { group: "apps", version: "v1", plural: "daemonsets", namespaced: true },
  { group: "apps", version: "v1", plural: "statefulsets", namespaced: true },
  { group: "batch", version: "v1", plural: "jobs", namespaced: true },
  { group: "batch", version: "v1", plural: "cronjobs", namespaced: true },
  { group: "", version: "v1", plural: "namespaces", namespaced: false },
  { group: "", version: "v1", plural: "persistentvolumeclaims", namespaced: true },
];

/** `plural.group`, or the bare plural for the core group, for example `leases.coordination.k8s.io`, `pods`. */
export function resourceName(resource: CachedResource): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}
