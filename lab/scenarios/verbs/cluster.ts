import { RELEASES, type ReleaseId } from "../../world/releases.ts";
import type { ClusterSpec } from "../../world/world.ts";
import type { Verb } from "../verb.ts";

/** When a scenario begins unless it says otherwise: the afternoon of the incident. */
const USUAL_START = "2026-06-24T15:30:00Z";

const WORKLOADS = ["idle", "small", "pir"] as const;

/** The review has k8s01 at 172.22.22.6 and k8s03 at 172.22.22.9. */
const ADDRESSES = [6, 7, 9, 10, 11, 12, 13].map((last) => `172.22.22.${last}`);

export const cluster: Verb = {
  id: "cluster",
  usage:
    "cluster [nodes=3] [release=1.35] [workload=small] [seed=1] [at=2026-06-24T15:30:00Z] [kcm=k8s02] [leader=k8s01]: a new cluster, up and at work",
  run: async (stage, args) => {
    const count = args.numberOr("nodes", 3);
    if (count < 1 || count > ADDRESSES.length) return args.fail(`nodes=${count}: 1 to ${ADDRESSES.length}`);
    const nodes = ADDRESSES.slice(0, count).map((address, at) => ({ name: `k8s0${at + 1}`, address }));
    const release = args.textOr("release", "1.35");
    if (!(release in RELEASES))
      return args.fail(`no release ${release}; there are ${Object.keys(RELEASES).join(", ")}`);
    const asked = args.textOr("workload", "small");
    const workload = WORKLOADS.find((one) => one === asked) ?? args.fail(`no workload ${asked}`);
    const seed = args.numberOr("seed", 1);
    const startMs = Date.parse(args.textOr("at", USUAL_START));
    if (Number.isNaN(startMs)) return args.fail("at= is no time like 2026-06-24T15:30:00Z");
    const kcm = args.textOr("kcm", null);
    const leader = args.textOr("leader", null);
    args.end();
    const spec: ClusterSpec = { nodes, release: release as ReleaseId, workload };
    const play = await stage.open(spec, { seed, startMs, kcm, leader });
    const title = `${nodes.length} nodes of ${RELEASES[spec.release].title}, workload ${workload}, seed ${seed}`;
    if (play.world.dqlite.leader() === null) return [`${play.now()} the cluster does not come up`];
    return [`${play.now()} ${title}`];
  },
};
