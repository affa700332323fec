import { askThenRestart } from "../acts/ask-guard.ts";
import { startFault } from "../acts/fault.ts";
import type { Scene } from "../scene.ts";
import { time } from "../summary.ts";
import { beginShort, quietRow, START_MS } from "./begin.ts";

const STORM_MS = 180_000;

/** Writes contend: nothing is broken, every line looks alarming, and the right act is to wait. */
export const contention: Scene = {
  id: "contention",
  title: "The writer is contended: many alarming lines, nothing to cure, and no moment for a restart",
  script: [
    "10:00:20 a storm of writes through every node for 3 min, while their disks are slow",
    "10:02 somebody wants to restart the datastore of k8s02, and asks for two minutes",
  ],
  play: async (setup) => {
    const { stage } = setup;
    const cluster = await beginShort(setup, 12);
    cluster.tell({ kind: "chapter", title: "10:00  Everybody writes at once" });
    await stage.runUntil(cluster, START_MS + 20_000);
    const nodes = cluster.world.nodes.map(({ name }) => name);
    const parameters = { perSecond: 6, syncMs: 60, asEvents: false };
    startFault(cluster, { fault: "write-storm", nodes, durationMs: STORM_MS, parameters }, "a storm of writes");
    await stage.runUntil(cluster, START_MS + 120_000);
    cluster.tell({ kind: "chapter", title: "10:02  Somebody wants to restart a datastore" });
    const askedMs = cluster.driver.sim.nowMs();
    const [asked] = await askThenRestart(stage, cluster, ["k8s02"], 120_000);
    cluster.tell({ kind: "chapter", title: "10:04  Waiting" });
    await stage.runUntil(cluster, START_MS + 600_000);
    return [
      quietRow(cluster, "a storm of writes", START_MS + 20_000),
      {
        what: `${time(askedMs)} a restart meanwhile`,
        monitoring: "is not asked",
        quorate: `${asked?.restartedAtMs === null ? "refused" : "permitted"}${asked === undefined || asked.refusedBy.length === 0 ? "" : ` (${asked.refusedBy.join(", ")})`}`,
      },
    ];
  },
};
