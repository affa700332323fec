import type { Args } from "./args.ts";
import { isReady } from "./kubectl/nodes.ts";
import type { Play } from "./stage.ts";
import { isHolder } from "./truths.ts";

/** Something to wait for. */
export interface Condition {
  readonly text: string;
  readonly holds: () => boolean;
}

/**
 * The condition that follows in the arguments. What Quorate says: `ok`, `named NODE RUNG`, `cured NODE`, `told TEXT`.
 * What is true, whoever knows it: `feed-dead NODE`, `feed-alive NODE`, `mute NODE`, `leader [NODE]`, `no-leader`,
 * `kcm NODE`, `node-ready NODE`, `node-not-ready NODE`.
 */
export function conditionOf(play: Play, args: Args): Condition {
  const { world, quorates } = play;
  const what = args.word("a condition");
  const node = () => args.word("a node");
  const ladders = () => [...quorates.values()].flatMap(({ ladder }) => ladder ?? []);
  switch (what) {
    case "ok":
      return { text: "every rung is ok", holds: () => ladders().some(({ state }) => state === "ok") };
    case "named": {
      const [name, rung] = [node(), args.word("a rung")];
      const isNamed = () =>
        ladders().some(({ causes }) => causes.some((cause) => cause.node === name && cause.rung === rung));
      return { text: `rung ${rung} of ${name} is named`, holds: isNamed };
    }
    case "told": {
      const text = args.word("a text");
      const sinceMs = play.driver.sim.nowMs();
      return {
        text: `"${text}" was told`,
        holds: () => play.chronicle.since(sinceMs).some((line) => line.text.includes(text)),
      };
    }
    case "feed-dead": {
      const name = node();
      return { text: `the poll of ${name} is dead`, holds: () => !world.node(name).datastore.isPollAlive() };
    }
    case "feed-alive": {
      const name = node();
      return { text: `the poll of ${name} lives`, holds: () => world.node(name).datastore.isPollAlive() };
    }
    case "mute": {
      const name = node();
      return {
        text: `a stream of ${name} is mute`,
        holds: () => world.node(name).datastore.mutedPrefixes().length > 0,
      };
    }
    case "leader": {
      const [name] = args.rest();
      if (name === undefined) return { text: "dqlite has a leader", holds: () => world.dqlite.leader() !== null };
      return { text: `${name} leads dqlite`, holds: () => world.dqlite.leader() === name };
    }
    case "no-leader":
      return { text: "dqlite has no leader", holds: () => world.dqlite.leader() === null };
    case "kcm": {
      const name = node();
      return { text: `the controller manager of ${name} leads`, holds: () => isHolder(world, name) };
    }
    case "node-ready":
    case "node-not-ready": {
      const name = node();
      const wanted = what === "node-ready";
      return { text: `${name} is ${wanted ? "Ready" : "not Ready"}`, holds: () => isReady(world, name) === wanted };
    }
    default:
      return args.fail(`no condition ${what}`);
  }
}
