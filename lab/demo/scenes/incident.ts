import { type Asked, askThenRestart } from "../acts/ask-guard.ts";
import { startFault } from "../acts/fault.ts";
import { lookAround, scaleWeb } from "../acts/kubectl.ts";
import { doctor, recover } from "../acts/recover.ts";
import { homeUpdate } from "../../world/actors/ansible.ts";
import type { Cluster } from "../cluster.ts";
import type { SummaryRow } from "../event.ts";
import type { Scene, SceneSetup } from "../scene.ts";
import { spanText } from "../../scenarios/print.ts";
import { breakRows, recoveredRow, time } from "../summary.ts";
import type { Break } from "../voices/world.ts";
import { at, KCM_NODE, PIR_CLUSTER } from "./spec.ts";

const RESTARTED = ["k8s01", "k8s03"] as const;

/** More than a disk usually needs for a write, while apt unpacks beside it. */
const APT_SYNC_MS = 60;

/** Enough for `database is locked (try: 500)`, which the review has on both nodes just before the restart. */
const CONTENTION = { perSecond: 6, syncMs: 60, asEvents: false, fromMs: at(16, 14), forMs: 180_000 } as const;

/** Contention is over when no write failed for 5 min, and the second host may go a minute after the first. */
const ASKS_MS = 600_000;

/** Past the poll's deadline of 20 s, and short of the 30 s after which the controllers would give their Lease up. */
const STALL_MS = 22_000;

/** The incident of 2026-06-24 with its two halves, what their monitoring and Quorate make of it, the guard and the cure. */
export const incident: Scene = {
  id: "incident",
  title: "The incident of 2026-06-24: a parallel restart, and a feed that dies four hours later",
  script: [
    "16:02 a play without serial: 1 upgrades k8s01 and k8s03 side by side, and restarts their units at 16:16",
    "16:14 a storm of writes contends for three minutes",
    "20:03 the dqlite port of k8s02 is blocked for 22 s",
    "20:05 somebody scales a Deployment; 20:16 somebody runs quorate recover",
  ],
  play: async (setup) => {
    const { stage, seed } = setup;
    const who = { seed, spec: PIR_CLUSTER, kcm: KCM_NODE, isWatched: true };
    const cluster = await stage.open({ ...who, startMs: at(16, 2) });
    setup.begin(cluster);
    await afternoon(setup, cluster);
    const guarded = await sameAfternoonGuarded(setup);
    await evening(setup, cluster);
    await doctor(stage, cluster);
    const recovered = await recover(stage, cluster, KCM_NODE);
    cluster.tell({ kind: "chapter", title: "The proof" });
    await stage.runUntil(cluster, cluster.driver.sim.nowMs() + 60_000);
    await lookAround(cluster, KCM_NODE);
    await doctor(stage, cluster);
    const [restart, ...rest] = breakRows(cluster);
    return [...(restart === undefined ? [] : [restart]), guarded, ...rest, recoveredRow(recovered)];
  },
};

/** 16:02 to 16:20: what the play does to the cluster. */
async function afternoon({ stage }: SceneSetup, cluster: Cluster): Promise<void> {
  cluster.tell({ kind: "chapter", title: "16:02  A play upgrades two of three nodes side by side" });
  cluster.tell({ kind: "injected", text: "ansible-playbook update/home.yml on k8s01 and k8s03, without serial: 1" });
  homeUpdate(cluster.world, RESTARTED, { aptSyncMs: APT_SYNC_MS });
  contend(cluster);
  await stage.fastForward(cluster, at(16, 15, 30));
  cluster.quorate?.attend(at(16, 20));
  await stage.runUntil(cluster, at(16, 17, 30));
  await stage.fastForward(cluster, at(16, 20));
}

function contend(cluster: Cluster): void {
  const { sim } = cluster.driver;
  const nodes = cluster.world.nodes.map(({ name }) => name);
  const { fromMs, forMs, ...parameters } = CONTENTION;
  sim.after(fromMs - sim.nowMs(), () =>
    startFault(cluster, { fault: "write-storm", nodes, durationMs: forMs, parameters }, "a storm of writes"),
  );
}

/** The same minutes in another cluster of the same seed, in which the play asks before it restarts. */
async function sameAfternoonGuarded({ stage, seed }: SceneSetup): Promise<SummaryRow> {
  const who = { seed, spec: PIR_CLUSTER, kcm: KCM_NODE, isWatched: false };
  const cluster = await stage.open({ ...who, startMs: at(16, 13, 30) });
  cluster.tell({
    kind: "chapter",
    title: "16:16 again, in a cluster in which the play asks Quorate before each restart",
  });
  contend(cluster);
  await stage.fastForward(cluster, at(16, 16, 5));
  const askedMs = cluster.driver.sim.nowMs();
  cluster.tell({
    kind: "injected",
    text: "the play asks for k8s01 and k8s03 at the same time; a refused host asks again",
  });
  const asked = await askThenRestart(stage, cluster, RESTARTED, ASKS_MS);
  const lostMs = leaderlessMs(cluster.breaks, askedMs, cluster.driver.sim.nowMs());
  return {
    what: `${time(askedMs)} the same, asking first`,
    monitoring: "is not asked",
    quorate: guardText(asked, lostMs),
  };
}

function guardText(asked: readonly Asked[], lostMs: number): string {
  const hosts = asked.map(({ node, refusedBy, restartedAtMs }) => {
    const refused = refusedBy.length === 0 ? "" : `refused by ${refusedBy.join(", ")}, `;
    return `${node} ${refused}${restartedAtMs === null ? "not restarted" : `restarted and whole at ${time(restartedAtMs)}`}`;
  });
  return `${hosts.join("; ")}; without a leader: ${spanText(lostMs)}`;
}

function leaderlessMs(breaks: readonly Break[], fromMs: number, nowMs: number): number {
  return breaks
    .filter(({ what }) => what === "no-leader")
    .reduce((sum, one) => sum + Math.max(0, (one.toMs ?? nowMs) - Math.max(one.fromMs, fromMs)), 0);
}

/** 20:03 to the first alarm that people are told of. */
async function evening({ stage }: SceneSetup, cluster: Cluster): Promise<void> {
  const { sim } = cluster.driver;
  cluster.tell({ kind: "chapter", title: "20:03  A query stalls on k8s02, which holds the controllers' Lease" });
  await stage.fastForward(cluster, at(20, 2, 50));
  // In the review k8s02 follows; where it leads, its blocked port would be everybody's outage.
  if (cluster.world.dqlite.leader() === KCM_NODE) {
    cluster.tell({ kind: "injected", text: "dqlite's leadership is handed to k8s01" });
    cluster.world.dqlite.transfer("k8s01");
  }
  cluster.quorate?.attend(at(20, 30));
  await stage.runUntil(cluster, at(20, 3, 36));
  startFault(
    cluster,
    { fault: "poll-death", nodes: [KCM_NODE], durationMs: STALL_MS, parameters: { how: "port-blocked" } },
    "the dqlite port of k8s02 is blocked",
  );
  await stage.runUntil(cluster, at(20, 5));
  cluster.tell({ kind: "chapter", title: "20:05  What people see who ask the cluster" });
  await scaleWeb(cluster, KCM_NODE, 4);
  const isTold = () => (cluster.monitoring?.alerts(at(20, 3, 36)) ?? []).length > 0;
  cluster.tell({ kind: "fast-forward", untilMs: at(20, 16) });
  await stage.until(cluster, isTold, at(21, 0) - sim.nowMs());
  await stage.runUntil(cluster, sim.nowMs() + 10_000);
  await lookAround(cluster, KCM_NODE);
  cluster.tell({ kind: "chapter", title: "The remedy" });
}
