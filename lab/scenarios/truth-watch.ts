import type { LabNode, World } from "../world/world.ts";
import { isReady } from "./kubectl/nodes.ts";

/** How often what nobody tells is looked at. */
const LOOK_EVERY_MS = 1000;

type Tell = (who: string, text: string) => void;

/** Tells what the world itself does not log: mute streams, and what the stored Nodes say. */
export function watchTruth(world: World, tell: Tell): void {
  const looks = world.nodes.flatMap((node) => looksOf(world, node));
  const last = looks.map(({ look }) => look());
  const tick = () => {
    for (const [at, { who, look }] of looks.entries()) {
      const now = look();
      if (now !== last[at]) tell(who, now);
      last[at] = now;
    }
    world.sim.after(LOOK_EVERY_MS, tick);
  };
  tick();
}

interface Look {
  readonly who: string;
  readonly look: () => string;
}

function looksOf(world: World, { name, datastore }: LabNode): readonly Look[] {
  const mutes = () => {
    const prefixes = datastore.port.listener === null ? [] : datastore.mutedPrefixes();
    return prefixes.length === 0 ? "no watch stream is mute" : `mute watch streams: ${prefixes.join(", ")}`;
  };
  return [
    { who: name, look: mutes },
    { who: name, look: () => (isReady(world, name) ? "its Node says Ready" : "its Node says NotReady") },
  ];
}
