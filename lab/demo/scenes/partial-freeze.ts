import { startFault } from "../acts/fault.ts";
import { doctor, recover } from "../acts/recover.ts";
import type { Scene } from "../scene.ts";
import { breakRows, recoveredRow } from "../summary.ts";
import { beginShort, START_MS } from "./begin.ts";

const NODE = "k8s01";
/** Longer than the 100 polls that fill a stream's channel of 100 slots, one a second. */
const STALL_MS = 150_000;

/** One resource of one node stands still, all others are fresh: what a canary of another resource never sees. */
export const partialFreeze: Scene = {
  id: "partial-freeze",
  title: "One resource's watch goes mute on one node, and everything else is fresh",
  script: [
    "10:00:20 kubelite of k8s01 stands still for 150 s while 700 large ConfigMap writes go through the other nodes",
    "10:05 somebody runs quorate recover",
  ],
  play: async (setup) => {
    const { stage } = setup;
    const cluster = await beginShort(setup, 12);
    cluster.tell({ kind: "chapter", title: "10:00  A reader falls behind" });
    await stage.runUntil(cluster, START_MS + 20_000);
    const parameters = { writes: 700, bytes: 40_000 };
    const fault = { fault: "stream-channel-full", nodes: [NODE], durationMs: STALL_MS, parameters };
    startFault(cluster, fault, `kubelite of ${NODE} stands still while ConfigMaps are written`);
    await stage.runUntil(cluster, START_MS + 300_000);
    cluster.tell({ kind: "chapter", title: "10:05  The remedy" });
    await doctor(stage, cluster);
    const recovered = await recover(stage, cluster, NODE);
    cluster.tell({ kind: "chapter", title: "The proof" });
    await stage.runUntil(cluster, cluster.driver.sim.nowMs() + 60_000);
    await doctor(stage, cluster);
    return [...breakRows(cluster), recoveredRow(recovered)];
  },
};
