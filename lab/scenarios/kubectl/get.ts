import type { NodeName } from "../../../src/core/model/observation.ts";
import type { ApiResponse } from "../../world/kube/apiserver.ts";
import { drawColumns, spanText } from "../print.ts";
import type { Play } from "../stage.ts";
import { readiness } from "./nodes.ts";
import type { DeploymentObject, LeaseObject, ListObject, Meta, NodeObject, PodObject } from "./objects.ts";

/** What can be got, and how a list of it is printed. */
export const RESOURCES: Readonly<Record<string, { readonly path: string; readonly draw: Draw }>> = {
  nodes: { path: "/api/v1/nodes", draw: drawNodes },
  pods: { path: "/api/v1/pods", draw: drawPods },
  deployments: { path: "/apis/apps/v1/deployments", draw: drawDeployments },
  leases: { path: "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", draw: drawLeases },
};

type Draw = (items: readonly never[], nowMs: number) => readonly string[];

export interface GetOptions {
  readonly via: NodeName;
  /** With resourceVersion=0, as informers ask: from the watch cache, whatever its age. */
  readonly isCached: boolean;
  /** Only objects whose name begins with it. */
  readonly name: string;
}

/** One LIST, printed; and how long it took when that is worth a word. */
export async function get(
  play: Play,
  { path, draw }: { readonly path: string; readonly draw: Draw },
  options: GetOptions,
): Promise<readonly string[]> {
  const fromMs = play.driver.sim.nowMs();
  const query = options.isCached ? { resourceVersion: "0" } : {};
  const response = await play.drive(play.ask(options.via, { method: "GET", path, query }));
  const tookMs = play.driver.sim.nowMs() - fromMs;
  const slow = tookMs < SLOW_MS ? [] : [`(took ${spanText(tookMs)})`];
  if (response === null) return [`Unable to connect to the server of ${options.via}`, ...slow];
  if (response.status !== 200) return [`Error from server: ${messageOf(response)}`, ...slow];
  const items = (response.body as unknown as ListObject<{ readonly metadata: Meta }>).items ?? [];
  const named = items.filter(({ metadata }) => metadata.name.startsWith(options.name));
  return [...draw(named as never, response.dateMs), ...slow];
}

/** A person notices that. */
const SLOW_MS = 1000;

export function messageOf({ status, body }: ApiResponse): string {
  const message = (body as { readonly message?: string } | null)?.message;
  return message ?? String(status);
}

function drawNodes(nodes: readonly NodeObject[]): readonly string[] {
  return drawColumns([["NAME", "STATUS"], ...nodes.map((node) => [node.metadata.name, readiness(node)])]);
}

/** Not one line each: how many of each phase, and how old the newest is. */
function drawPods(pods: readonly PodObject[], nowMs: number): readonly string[] {
  const phases = new Map<string, number>();
  for (const { status } of pods)
    phases.set(status?.phase ?? "Unknown", (phases.get(status?.phase ?? "Unknown") ?? 0) + 1);
  const counts = [...phases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([phase, count]) => `${count} ${phase}`);
  const newest = newestAgeMs(pods, nowMs);
  return [`${pods.length} pods: ${counts.join(", ")}${newest === null ? "" : `; newest ${spanText(newest)} old`}`];
}

/** Age of the newest pod; null when there is none. */
export function newestAgeMs(pods: readonly PodObject[], nowMs: number): number | null {
  const times = pods
    .map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ""))
    .filter((at) => !Number.isNaN(at));
  return times.length === 0 ? null : Math.max(0, nowMs - times.reduce((a, b) => Math.max(a, b)));
}

function drawDeployments(deployments: readonly DeploymentObject[]): readonly string[] {
  const rows = deployments.map(({ metadata, spec, status }) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    String(status?.updatedReplicas ?? 0),
    String(status?.availableReplicas ?? 0),
  ]);
  return drawColumns([["NAME", "READY", "UP-TO-DATE", "AVAILABLE"], ...rows]);
}

function drawLeases(leases: readonly LeaseObject[], nowMs: number): readonly string[] {
  const rows = leases.map(({ metadata, spec }) => [
    metadata.name,
    (spec?.holderIdentity ?? "").replace(/_[0-9a-f-]+$/, ""),
    `renewed ${spanText(Math.max(0, nowMs - Date.parse(spec?.renewTime ?? "")))} ago`,
  ]);
  return drawColumns([["NAME", "HOLDER", "RENEWED"], ...rows]);
}
