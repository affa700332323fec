import { forgedLogLines } from "../../faults/forged-log-lines/index.ts";
import { scrapeNoise } from "../../faults/scrape-noise/index.ts";
import type { Drill } from "../drill.ts";
import { afterCalm, createSignal } from "./nodes.ts";

const NO_QUORATE = { place: "ops", kill: () => undefined, pause: () => undefined, resume: () => undefined };
const NOISE_MS = 900_000;

/** Nothing is broken: metric scrapes print kine.sock errors, and a pod prints dqlite's own lines. */
export const noise: Drill = {
  id: "noise",
  title: "alarming lines, and nothing is broken",
  briefing:
    "The journals show `kine.sock: use of closed network connection` and `no known leader`. Judge, and say `quorate drill done`.",
  limitMs: 900_000,
  workload: "small",
  endsWhenWell: false,
  begin: (world, random) => {
    const nodes = world.nodes.map(({ name }) => name);
    const forgedOn = random.pick(nodes);
    const broken = createSignal();
    afterCalm(world, random, () => {
      const common = { atMs: 0, durationMs: NOISE_MS };
      scrapeNoise.start(world, NO_QUORATE, {
        ...common,
        fault: "scrape-noise",
        nodes,
        parameters: { everyMs: 20_000 },
      });
      const forged = { ...common, fault: "forged-log-lines", nodes: [forgedOn], parameters: { perSecond: 2 } };
      forgedLogLines.start(world, NO_QUORATE, forged);
      broken.give();
    });
    return {
      answer: { causes: [], restart: null, staysStopped: null },
      broken: broken.on,
      isOver: () => true,
    };
  },
  best: () =>
    "quorate doctor says ok on every rung. The kine.sock lines are a client that is torn down after each scrape; the others carry a pod's trusted fields, not those of k8s-dqlite's unit. quorate drill say ok.",
};
