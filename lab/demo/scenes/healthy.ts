import { startFault } from "../acts/fault.ts";
import { lookAround } from "../acts/kubectl.ts";
import { doctor } from "../acts/recover.ts";
import type { Scene } from "../scene.ts";
import { beginShort, quietRow, START_MS } from "./begin.ts";
import { KCM_NODE } from "./spec.ts";

/** Nothing is broken, and two things print lines as if something were: nothing may be named. */
export const healthy: Scene = {
  id: "healthy",
  title: "A healthy cluster that sounds ill",
  script: [
    "10:00:20 somebody scrapes the apiservers' metrics every 30 s, which prints kine.sock errors",
    "10:00:20 a pod on k8s01 prints dqlite's own error lines",
  ],
  play: async (setup) => {
    const { stage } = setup;
    const cluster = await beginShort(setup, 11);
    cluster.tell({ kind: "chapter", title: "10:00  Noise" });
    await stage.runUntil(cluster, START_MS + 20_000);
    const nodes = cluster.world.nodes.map(({ name }) => name);
    const noise = { fault: "scrape-noise", nodes, durationMs: 480_000, parameters: { everyMs: 30_000 } };
    startFault(cluster, noise, "the apiservers' metrics are scraped");
    const forger = { fault: "forged-log-lines", nodes: ["k8s01"], durationMs: 300_000, parameters: { perSecond: 2 } };
    startFault(cluster, forger, "a pod on k8s01 prints dqlite's lines");
    await stage.runUntil(cluster, START_MS + 600_000);
    await lookAround(cluster, KCM_NODE);
    await doctor(stage, cluster);
    return [quietRow(cluster, "noise, and nothing else", START_MS + 20_000)];
  },
};
