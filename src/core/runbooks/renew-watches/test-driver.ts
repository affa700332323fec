import type { UnitRole } from "../../model/observation.ts";
import { type JournalEntry, lastOf } from "../journal.ts";
import { type NextStep, nextStep, RENEW_WATCHES } from "./index.ts";

/** Test support: a driver that does what `nextStep` says to a tiny world, and is killed where a test wants it. */

/** How one act comes out. `lost` and `late` happen although no answer comes; `unsent` does not happen and is not answered. */
export type ActFate = "restarted" | "lost" | "unsent" | "refused" | "failed";

export interface Fates {
  readonly acts: readonly ActFate[];
  readonly proofs: readonly boolean[];
  readonly locks: readonly boolean[];
  /** How many durable or outer deeds the driver does before it is killed, one number for each life. */
  readonly lives: readonly number[];
}

export interface World {
  readonly journal: JournalEntry[];
  /** The InvocationID of each unit: its number of starts. */
  readonly starts: Record<UnitRole, number>;
  /** Restarts that happened, in order, with what the journal told at that moment. */
  readonly restarts: { readonly role: UnitRole; readonly journal: readonly JournalEntry[] }[];
  lockHeld: boolean;
  lockToken: number;
}

class Killed extends Error {}

export function createWorld(): World {
  const opened: JournalEntry = {
    atMs: 0,
    kind: "opened",
    runbook: RENEW_WATCHES,
    node: "node-2",
    rung: "feed",
    resources: [],
    holder: "quorate/run-1",
  };
  return { journal: [opened], starts: { datastore: 1, kubelite: 1 }, restarts: [], lockHeld: false, lockToken: 0 };
}

/** Runs life after life until the run is closed; the last life is never killed. */
export function drive(world: World, fates: Fates): void {
  const luck = { acts: [...fates.acts], proofs: [...fates.proofs], locks: [...fates.locks] };
  for (const deeds of [...fates.lives, Infinity]) {
    try {
      live(world, luck, deeds);
      return;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

interface Luck {
  readonly acts: ActFate[];
  readonly proofs: boolean[];
  readonly locks: boolean[];
}

/** One life of the driver: it may do so many deeds. Each append and each outer act is one. */
function live(world: World, luck: Luck, deeds: number): void {
  let left = deeds;
  const deed = () => {
    if (left <= 0) throw new Killed();
    left -= 1;
  };
  const append = (entry: JournalEntry) => {
    deed();
    world.journal.push(entry);
  };
  for (let steps = 0; steps < 100; steps += 1) {
    const step = nextStep(world.journal);
    if (step.step === "done") return;
    takeStep(world, luck, step, { deed, append });
  }
  throw new Error("the run does not end");
}

interface Doing {
  readonly deed: () => void;
  readonly append: (entry: JournalEntry) => void;
}

function takeStep(world: World, luck: Luck, step: Exclude<NextStep, { step: "done" }>, doing: Doing): void {
  const atMs = world.journal.length;
  const { deed, append } = doing;
  switch (step.step) {
    case "take-lock": {
      append({ atMs, kind: "lock-intent" });
      if (luck.locks.shift() === false) {
        return append({ atMs, kind: "stopped", result: "refused", message: "held by another", refusals: [] });
      }
      deed();
      world.lockHeld = true;
      world.lockToken += 1;
      return append({ atMs, kind: "lock-held", token: world.lockToken });
    }
    case "act":
      return act(world, luck, step.role, doing);
    case "settle":
      return settle(world, step.expectedInvocationId, doing);
    case "prove":
      return append({ atMs, kind: "proof", cured: luck.proofs.shift() ?? true, detail: "proof" });
    case "release-lock": {
      deed();
      world.lockHeld = false;
      return append({ atMs, kind: "lock-released" });
    }
    case "close":
      return append({ atMs, kind: "closed", result: step.result, message: step.message });
  }
}

function act(world: World, luck: Luck, role: UnitRole, { deed, append }: Doing): void {
  const atMs = world.journal.length;
  const expectedInvocationId = String(world.starts[role]);
  const token = lastOf(world.journal, "lock-held")?.token ?? -1;
  append({ atMs, kind: "act-intent", role, unit: role, expectedInvocationId, token });
  const fate = luck.acts.shift() ?? "restarted";
  deed();
  if (fate === "restarted" || fate === "lost") {
    world.restarts.push({ role, journal: [...world.journal] });
    world.starts[role] += 1;
  }
  if (fate === "lost" || fate === "unsent") return;
  append({ atMs, kind: "act-outcome", outcome: fate, invocationId: String(world.starts[role]), detail: fate });
}

function settle(world: World, expectedInvocationId: string, { append }: Doing): void {
  const role = lastOf(world.journal, "act-intent")?.role ?? "datastore";
  const invocationId = String(world.starts[role]);
  const outcome = invocationId === expectedInvocationId ? "not-done" : "restarted";
  append({ atMs: world.journal.length, kind: "act-outcome", outcome, invocationId, detail: "observed" });
}
