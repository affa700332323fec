import type { ConformanceWorld } from "../world.ts";
import { CONFIGMAPS, createConfigMap, kcmHolder, newName, others } from "../ways.ts";

/**
 * One node's apiserver stands still while many ConfigMaps are written through the others. It takes two minutes: other
 * questions are asked on the other two nodes meanwhile.
 */
export interface SlowReader {
  readonly world: ConformanceWorld;
  /** Whose apiserver stands still. */
  readonly node: string;
  /** Whose controller manager led at the beginning. */
  readonly holder: string;
  /** The third one. */
  readonly third: string;
  /** Settles when the apiserver has gone on, and some seconds have passed. */
  readonly over: Promise<void>;
}

/** More than 100 polls, one a second: each fills one slot of the stream's channel. */
const PAUSE_MS = 112_000;
const WRITE_EVERY_MS = 300;
/** Of each object: what two flow-control windows hold is soon full. */
const FILLING_BYTES = 40_000;
/** For what waits in the paused process. */
const SETTLE_MS = 6000;

export async function openSlowReader(world: ConformanceWorld): Promise<SlowReader> {
  const holder = await kcmHolder(world);
  const [node = "", third = ""] = others(world, holder);
  const resume = await world.pause(node, "apiserver");
  const over = write(world, [third, holder]).then(async () => {
    await resume();
    await world.pass(SETTLE_MS);
  });
  return { world, node, holder, third, over };
}

async function write(world: ConformanceWorld, through: readonly string[]): Promise<void> {
  const untilMs = world.nowMs() + PAUSE_MS;
  const filling = "x".repeat(FILLING_BYTES);
  const name = newName(world);
  for (const node of through) if ((await createConfigMap(world, node, name)).status === 201) break;
  for (let wrote = 0; world.nowMs() < untilMs; wrote += 1) {
    const body = { data: { filling, wrote: String(wrote) } };
    for (const node of through) {
      const path = `${CONFIGMAPS}/${name}`;
      const request = { method: "PATCH", path, body, contentType: "application/merge-patch+json" } as const;
      // A kubelite that is starting does not take it: the other one does.
      if ((await world.ask(node, { ...request, timeoutMs: 3000 })).status === 200) break;
    }
    await world.pass(WRITE_EVERY_MS);
  }
}
