import type { Prng } from "../sim/prng.ts";
import type { World } from "../world/world.ts";
import { watchActs, watchOutages } from "./acts.ts";
import type { Drill } from "./drill.ts";
import type { DrillRecord, Said } from "./record.ts";
import { cordonedNodes, isWell, lostSince, workloadsOf } from "./well.ts";

/** A drill that goes on. */
export interface Session {
  /** What the person says is noted; whether it is right is told at the end. */
  say(said: Omit<Said, "atMs">): Said;
  /** The person has finished. */
  done(): void;
  /** What happened so far. */
  record(): DrillRecord;
}

/** Well for this long is well for good: a restart that only looked like a cure shows within it. */
const WELL_MS = 30_000;
const LOOK_EVERY_MS = 1000;

/** Begins a drill in a world that serves. `ended` is told once: well again, done, or out of time. */
export function startSession(world: World, drill: Drill, random: Prng, ended: (record: DrillRecord) => void): Session {
  const { sim } = world;
  const startedAtMs = sim.nowMs();
  const acts = watchActs(world);
  const outages = watchOutages(world);
  const workloads = workloadsOf(world);
  const said: Said[] = [];
  const state = {
    brokeAtMs: null as number | null,
    curableAtMs: null as number | null,
    wellSinceMs: null as number | null,
    isOver: false,
  };
  const broken = drill.begin(world, random);
  broken.broken(() => {
    state.brokeAtMs = sim.nowMs();
  });

  function record(): DrillRecord {
    const { brokeAtMs, curableAtMs, wellSinceMs } = state;
    return {
      drill: drill.id,
      answer: broken.answer,
      startedAtMs,
      brokeAtMs: brokeAtMs ?? sim.nowMs(),
      curableAtMs,
      wellAtMs: brokeAtMs === null ? null : wellSinceMs,
      endedAtMs: sim.nowMs(),
      limitMs: drill.limitMs,
      said: [...said],
      acts: [...acts],
      outages: [...outages()],
      lostWorkloads: lostSince(workloads, workloadsOf(world)),
      cordoned: cordonedNodes(world),
    };
  }

  function end(): void {
    if (state.isOver) return;
    state.isOver = true;
    ended(record());
  }

  function look(): void {
    if (state.isOver) return;
    const nowMs = sim.nowMs();
    const isCurable = state.brokeAtMs !== null && broken.isOver();
    if (isCurable) state.curableAtMs ??= nowMs;
    if (!isCurable || !isWell(world)) state.wellSinceMs = null;
    else state.wellSinceMs ??= nowMs;
    const { wellSinceMs } = state;
    if (drill.endsWhenWell && wellSinceMs !== null && nowMs - wellSinceMs >= WELL_MS) return end();
    if (nowMs - startedAtMs >= drill.limitMs) return end();
    sim.after(LOOK_EVERY_MS, look);
  }

  look();
  return {
    say: (one) => {
      const noted = { ...one, atMs: sim.nowMs() };
      said.push(noted);
      return noted;
    },
    done: end,
    record,
  };
}
