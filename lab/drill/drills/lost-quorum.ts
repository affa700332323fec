import { UNITS } from "../../world/world.ts";
import type { Drill } from "../drill.ts";
import { afterCalm, createSignal } from "./nodes.ts";

/** What an upgrade takes between stop and start; far past the 20 s after which the poll of the node that is left ends. */
const UPGRADE_MS = { min: 120_000, max: 200_000 } as const;

/**
 * A colleague's play without `serial: 1` takes two of three voters down, and brings them back by itself. What it leaves is
 * a dead feed on the node that was left: a second finding, and only then something to do.
 */
export const lostQuorum: Drill = {
  id: "lost-quorum",
  title: "a colleague's parallel upgrade takes two of three voters down",
  briefing:
    "Everything times out. A colleague is upgrading the nodes with a play and cannot be reached; it goes on by itself.",
  limitMs: 900_000,
  workload: "small",
  endsWhenWell: true,
  begin: (world, random) => {
    const left = random.pick(world.nodes).name;
    const taken = world.nodes.filter(({ name }) => name !== left);
    const broken = createSignal();
    let isOver = false;
    afterCalm(world, random, () => {
      for (const { host } of taken) host.systemd.stop(UNITS.datastore, "ansible");
      broken.give();
      world.sim.after(random.between(UPGRADE_MS.min, UPGRADE_MS.max), () => {
        for (const { host } of taken) host.systemd.start(UNITS.datastore, "ansible");
        isOver = true;
      });
    });
    const causes = [
      { rung: "quorum", node: left } as const,
      { rung: "feed", node: left } as const,
      ...taken.flatMap(({ name: node }) => [{ rung: "unit", node } as const, { rung: "quorum", node } as const]),
    ];
    return {
      answer: { causes, restart: { node: left, role: "datastore" }, staysStopped: null },
      broken: broken.on,
      isOver: () => isOver,
    };
  },
  best: ({ restart }) =>
    `quorate doctor names the stopped units of two nodes and the lost quorum. The play brings them back: do not touch the voter that is left, and add no restarts. A minute later doctor names the feed of ${restart?.node}, which died in the long silence: quorate recover --node ${restart?.node}. And ask the colleague for serial: 1.`,
};
