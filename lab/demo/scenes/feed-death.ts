import { startFault } from "../acts/fault.ts";
import { lookAround } from "../acts/kubectl.ts";
import { doctor, recover } from "../acts/recover.ts";
import type { Scene } from "../scene.ts";
import { breakRows, recoveredRow } from "../summary.ts";
import { beginShort, START_MS } from "./begin.ts";
import { KCM_NODE } from "./spec.ts";

const STALL_MS = 22_000;

/** One feed dies and is healed: the heart of the incident, in ten minutes. */
export const feedDeath: Scene = {
  id: "feed-death",
  title: "A watch feed dies, without a line, and is healed",
  script: ["10:00:20 the dqlite port of k8s02 is blocked for 22 s", "10:03 somebody runs quorate recover"],
  play: async (setup) => {
    const { stage } = setup;
    const cluster = await beginShort(setup, 10);
    cluster.tell({ kind: "chapter", title: "10:00  A query stalls on k8s02" });
    if (cluster.world.dqlite.leader() === KCM_NODE) {
      cluster.tell({ kind: "injected", text: "dqlite's leadership is handed to k8s01" });
      cluster.world.dqlite.transfer("k8s01");
    }
    await stage.runUntil(cluster, START_MS + 20_000);
    const parameters = { how: "port-blocked" };
    const fault = { fault: "poll-death", nodes: [KCM_NODE], durationMs: STALL_MS, parameters };
    startFault(cluster, fault, "the dqlite port of k8s02 is blocked");
    await stage.runUntil(cluster, START_MS + 180_000);
    await lookAround(cluster, KCM_NODE);
    cluster.tell({ kind: "chapter", title: "10:03  The remedy" });
    await doctor(stage, cluster);
    const recovered = await recover(stage, cluster, KCM_NODE);
    cluster.tell({ kind: "chapter", title: "The proof" });
    await stage.runUntil(cluster, cluster.driver.sim.nowMs() + 60_000);
    await lookAround(cluster, KCM_NODE);
    await doctor(stage, cluster);
    return [...breakRows(cluster), recoveredRow(recovered)];
  },
};
