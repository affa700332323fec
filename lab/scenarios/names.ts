import type { NodeName } from "../../src/core/model/observation.ts";
import type { Play } from "./stage.ts";
import { ScenarioError } from "./text.ts";
import { holderOf } from "./truths.ts";

/** A node by its name, or by what it does now: `leader` (of dqlite), `kcm` (leads the controllers), `follower` (the first that does neither). */
export function nameOf({ world }: Play, word: string): NodeName {
  const leader = world.dqlite.leader();
  const kcm = holderOf(world).replace(/_.*$/, "");
  const named = {
    leader,
    kcm,
    follower: world.nodes.find(({ name }) => name !== leader && name !== kcm)?.name ?? null,
  };
  const found = word in named ? named[word as keyof typeof named] : word;
  if (!world.nodes.some(({ name }) => name === found)) throw new ScenarioError(`there is no node ${word} now`);
  return found as NodeName;
}
