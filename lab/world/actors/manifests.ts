import { DURATION_ANNOTATION, PROGRAM_ANNOTATION } from "../controllers/kubelet/containerd.ts";
import type { KubeObject } from "../kube/object.ts";
import type { ClusterSpec } from "../world.ts";

/** An object and the resource it is created in. */
export interface Manifest {
  readonly resource: string;
  readonly object: KubeObject;
}

/** What a cluster is asked to run. */
export function manifestsOf(workload: ClusterSpec["workload"]): readonly Manifest[] {
  if (workload === "idle") return [];
  return workload === "small" ? SMALL : [...SMALL, ...PIR];
}

const SMALL: readonly Manifest[] = [
  ...["shop", "monitoring"].map(namespace),
  deployment("kube-system", "coredns", { replicas: 1 }),
  deployment("kube-system", "hostpath-provisioner", { replicas: 1, program: "hostpath-provisioner" }),
  deployment("shop", "web", { replicas: 3 }),
  deployment("shop", "api", { replicas: 2 }),
  deployment("shop", "queue", { replicas: 1 }),
  deployment("monitoring", "grafana", { replicas: 1 }),
  service("shop", "web"),
  service("shop", "api"),
  cronJob("shop", "report", { schedule: "*/15 * * * *", worksMs: 20_000 }),
  cronJob("shop", "backup", { schedule: "10 2 * * *", worksMs: 240_000 }),
  job("shop", "migrate-1", 15_000),
  job("shop", "migrate-2", 8000),
];

/** As far as the incident review names it: CronJobs, ARC runners and hostpath-provisioner's jobs resumed at its end. */
const PIR: readonly Manifest[] = [
  ...["arc-runners", "argocd", "jobs"].map(namespace),
  deployment("arc-runners", "arc-controller", { replicas: 1, program: "arc-controller" }),
  deployment("argocd", "argocd-server", { replicas: 1 }),
  deployment("argocd", "argocd-repo-server", { replicas: 2 }),
  deployment("argocd", "argocd-redis", { replicas: 1 }),
  ...["mail", "wiki", "forge", "registry"].map((name) => deployment("shop", name, { replicas: 1 })),
  deployment("monitoring", "prometheus", { replicas: 1 }),
  cronJob("jobs", "poll-feeds", { schedule: "* * * * *", worksMs: 10_000 }),
  cronJob("jobs", "sync-users", { schedule: "*/5 * * * *", worksMs: 25_000 }),
  cronJob("jobs", "sync-stock", { schedule: "2-59/5 * * * *", worksMs: 40_000 }),
  cronJob("jobs", "snapshot-volumes", { schedule: "*/30 * * * *", worksMs: 120_000 }),
];

function namespace(name: string): Manifest {
  return { resource: "namespaces", object: { apiVersion: "v1", kind: "Namespace", metadata: { name } } };
}

function deployment(
  namespace: string,
  name: string,
  { replicas, program }: { readonly replicas: number; readonly program?: string },
): Manifest {
  const labels = { app: name };
  const annotations = program === undefined ? {} : { annotations: { [PROGRAM_ANNOTATION]: program } };
  const spec = { containers: [container(name)] };
  return {
    resource: "deployments.apps",
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace, labels },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels, ...annotations }, spec } },
    },
  };
}

function service(namespace: string, name: string): Manifest {
  const spec = { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }] };
  return { resource: "services", object: { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec } };
}

function job(namespace: string, name: string, worksMs: number): Manifest {
  const spec = jobSpec(name, worksMs);
  return {
    resource: "jobs.batch",
    object: { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace }, spec },
  };
}

function cronJob(
  namespace: string,
  name: string,
  { schedule, worksMs }: { readonly schedule: string; readonly worksMs: number },
): Manifest {
  const spec = { schedule, concurrencyPolicy: "Forbid", jobTemplate: { spec: jobSpec(name, worksMs) } };
  const metadata = { name, namespace };
  return { resource: "cronjobs.batch", object: { apiVersion: "batch/v1", kind: "CronJob", metadata, spec } };
}

function jobSpec(name: string, worksMs: number) {
  const annotations = { [DURATION_ANNOTATION]: String(worksMs) };
  const spec = { restartPolicy: "Never", containers: [container(name)] };
  return { template: { metadata: { labels: { app: name }, annotations }, spec } };
}

function container(name: string) {
  return { name, image: `registry.example/${name}:1` };
}
