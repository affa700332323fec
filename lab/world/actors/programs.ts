import { createApi } from "../controllers/component.ts";
import { DURATION_ANNOTATION } from "../controllers/kubelet/containerd.ts";
import { runTask } from "../controllers/task.ts";
import { nameSuffix } from "../controllers/values.ts";
import type { KubeObject } from "../kube/object.ts";
import { createLeaderElection, DEFAULT_ELECTION } from "../kube/leader-election.ts";
import type { Process } from "../process.ts";
import type { World } from "../world.ts";
import { createServiceApi } from "./service-api.ts";

/** What pods run besides waiting, by the value of their program annotation. */
export const PROGRAMS: Readonly<Record<string, (world: World, process: Process) => void>> = {
  "hostpath-provisioner": hostpathProvisioner,
  "arc-controller": arcController,
};

/** The storage addon: it renews its Lease every 2 s, which makes it one of the busiest writers of a small cluster. */
function hostpathProvisioner(world: World, process: Process): void {
  const { sim } = world;
  const draws = sim.random(`hostpath ${process.node}`);
  createLeaderElection({
    sim,
    host: world.host(process.node),
    process,
    apiserver: createServiceApi(world, process.node, draws),
    ...DEFAULT_ELECTION,
    name: "microk8s.io-hostpath",
    identity: `hostpath-provisioner_${draws.hex(8)}`,
    onStartedLeading: () => undefined,
    onStoppedLeading: () => process.end({ code: "exited", status: 1 }),
  });
}

/** A new runner so often, and so long it works. */
const RUNNER_EVERY_MS = { min: 20_000, max: 60_000 } as const;
const RUNNER_WORKS_MS = { min: 45_000, max: 300_000 } as const;
const RUNNER_TTL_SECONDS = 600;

/** Actions Runner Controller: a runner for each job of the CI, here as Jobs that vanish 10 min after their end. */
function arcController(world: World, process: Process): void {
  const draws = world.sim.random(`arc ${process.node}`);
  const api = createApi(process, createServiceApi(world, process.node, draws), "arc-controller");
  const next = () =>
    process.after(draws.between(RUNNER_EVERY_MS.min, RUNNER_EVERY_MS.max), () => {
      const durationMs = draws.between(RUNNER_WORKS_MS.min, RUNNER_WORKS_MS.max);
      runTask(api.create("jobs.batch", runner(nameSuffix(draws), durationMs)));
      next();
    });
  next();
}

function runner(suffix: string, durationMs: number): KubeObject {
  const labels = { app: "runner" };
  const annotations = { [DURATION_ANNOTATION]: String(durationMs) };
  const containers = [{ name: "runner", image: "ghcr.io/actions/actions-runner:latest" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `runner-${suffix}`, namespace: "arc-runners", labels },
    spec: {
      ttlSecondsAfterFinished: RUNNER_TTL_SECONDS,
      template: { metadata: { labels, annotations }, spec: { restartPolicy: "Never", containers } },
    },
  };
}
