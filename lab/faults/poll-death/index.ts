import { drawNode, drawSeconds, planOf, wordOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { RELEASES } from "../../world/releases.ts";
import type { World } from "../../world/world.ts";
import { pauseUnit } from "../units.ts";
import { cutBothWays } from "../ways.ts";

const WAYS = ["leader-paused", "port-blocked"] as const;

/**
 * Past the poll's deadline of 20 s. Measured on real nodes: a leader that is stopped for 12 or 18 s does no harm, 26 and
 * 30 s kill the other nodes' feeds.
 */
const STALL_SECONDS = { min: 21, max: 60 } as const;

/** The leader stands still, or a node's dqlite port is blocked, for longer than the poll's deadline: feeds die for good. */
export const pollDeath: Fault = {
  id: "poll-death",
  title: "a poll query meets its deadline, and watches go silent for good",
  breaks: "quorum",
  leaves: "remedy",
  suits: ({ nodes, release }) => nodes.length > 1 && RELEASES[release].onPollDeadline === "ends",
  draw: (random, frame) => {
    const how = random.pick(WAYS);
    return planOf("poll-death", random, frame, {
      nodes: how === "port-blocked" ? [drawNode(random, frame.spec)] : [],
      durationMs: drawSeconds(random, STALL_SECONDS.min, STALL_SECONDS.max),
      parameters: { how },
    });
  },
  start: (world, _quorate, plan) => {
    if (wordOf(plan, "how", WAYS) === "port-blocked") return block(world, plan.nodes);
    const leader = world.dqlite.leader();
    return leader === null ? () => undefined : pauseUnit(world, leader, "datastore");
  },
};

/** Between control-plane nodes only the datastore's port matters here: each kubelite talks to its own apiserver. */
function block(world: World, blocked: readonly string[]): () => void {
  const others = world.nodes.filter(({ name }) => !blocked.includes(name));
  const heals = blocked.flatMap((node) => others.map(({ name }) => cutBothWays(world, node, name)));
  return () => heals.forEach((heal) => heal());
}
