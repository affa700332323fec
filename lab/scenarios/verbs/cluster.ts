import { RELEASES, type ReleaseId } from "../../world/releases.ts";
import type { ClusterSpec } from "../../world/world.ts";
import { isHolder } from "../truths.ts";
import { waitFor } from "../waiting.ts";
import type { Verb } from "../verb.ts";

/** When a scenario begins unless it says otherwise: the afternoon of the incident. */
const USUAL_START = "2026-06-24T15:30:00Z";

const WORKLOADS = ["idle", "small", "pir"] as const;

/** A new cluster is up within half a minute; the wrapper's sleep, an election and the first lists lie in it. */
const BOOT_MS = 180_000;

/** The review's own addresses. */
const FIRST_ADDRESS = { prefix: "172.22.22.", from: 6, step: 1 } as const;

export const cluster: Verb = {
  id: "cluster",
  usage:
    "cluster [nodes=3] [release=1.35] [workload=small] [seed=1] [at=2026-06-24T15:30:00Z] [kcm=k8s02]: a new cluster, up and at work",
  run: async (stage, args) => {
    const nodes = Array.from({ length: args.numberOr("nodes", 3) }, (_, at) => ({
      name: `k8s0${at + 1}`,
      address: `${FIRST_ADDRESS.prefix}${FIRST_ADDRESS.from + at * FIRST_ADDRESS.step}`,
    }));
    const release = args.textOr("release", "1.35");
    if (!(release in RELEASES))
      return args.fail(`no release ${release}; there are ${Object.keys(RELEASES).join(", ")}`);
    const asked = args.textOr("workload", "small");
    const workload = WORKLOADS.find((one) => one === asked) ?? args.fail(`no workload ${asked}`);
    const seed = args.numberOr("seed", 1);
    const startMs = Date.parse(args.textOr("at", USUAL_START));
    if (Number.isNaN(startMs)) return args.fail("at= is no time like 2026-06-24T15:30:00Z");
    const kcm = args.textOr("kcm", null);
    args.end();
    const spec: ClusterSpec = { nodes, release: release as ReleaseId, workload };
    const play = stage.open(spec, { seed, startMs });
    const isUp = () => play.world.dqlite.leader() !== null && isHolder(play, null);
    if (!(await waitFor(play, isUp, BOOT_MS))) return [`${play.now()} the cluster does not come up`];
    if (kcm !== null) await moveControllers(play, kcm);
    const title = `${nodes.length} nodes of ${RELEASES[spec.release].title}, workload ${workload}, seed ${seed}`;
    return [`${play.now()} ${title}`];
  },
};

async function moveControllers(play: Parameters<typeof waitFor>[0], node: string): Promise<void> {
  throw new Error(`not yet: ${play.now()} ${node}`);
}
