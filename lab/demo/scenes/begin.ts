import { spanText } from "../../scenarios/print.ts";
import type { Cluster } from "../cluster.ts";
import type { SummaryRow } from "../event.ts";
import type { SceneSetup } from "../scene.ts";
import { alarmText, time } from "../summary.ts";
import { at, KCM_NODE, PIR_CLUSTER } from "./spec.ts";

/** When the short stories begin. */
export const START_MS = at(10, 0);

/** What is opened for a short story: the review's cluster, watched, and the first look of all who watch. */
export async function beginShort(setup: SceneSetup, minutes: number): Promise<Cluster> {
  const { stage, seed, begin } = setup;
  const cluster = await stage.open({ seed, spec: PIR_CLUSTER, startMs: START_MS, kcm: KCM_NODE, isWatched: true });
  begin(cluster);
  cluster.quorate?.attend(START_MS + minutes * 60_000);
  return cluster;
}

/** A story in which nothing has to be named: what each of them said from then on. */
export function quietRow(cluster: Cluster, what: string, fromMs: number): SummaryRow {
  const { sim } = cluster.driver;
  const named = cluster.voice.named.filter(({ atMs }) => atMs >= fromMs);
  const states = [...new Set(cluster.voice.states.filter(({ atMs }) => atMs >= fromMs).map(({ state }) => state))];
  const seen = states.filter((state) => state !== "unknown");
  const causes = named.map(({ atMs, node, rung }) => `rung ${rung} of ${node} after ${spanText(atMs - fromMs)}`);
  return {
    what: `${time(fromMs)} ${what} (${spanText(sim.nowMs() - fromMs)} told)`,
    monitoring: alarmText(cluster, fromMs, Number.POSITIVE_INFINITY),
    quorate: `${causes.length === 0 ? "names no cause" : `names ${causes.join(", ")}`}; the ladder: ${seen.join(", then ") || "ok"}`,
  };
}
