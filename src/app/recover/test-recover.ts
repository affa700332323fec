import type { EntryKind } from "../../core/runbooks/journal.ts";
import { microk8s } from "../../core/profiles/microk8s/index.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { startObserver } from "../observer.ts";
import { createTestWorld, type TestWorld } from "../test-world.ts";
import { recover, type RecoverEnd, type RecoverOptions } from "./recover.ts";
import { createTestJournal, type TestJournal } from "./test-journal.ts";

export interface Scene {
  readonly world: TestWorld;
  readonly journal: TestJournal;
}

/** A cluster whose second node has a dead feed, observed from an empty journal. */
export async function deadFeed(): Promise<Scene> {
  const world = createTestWorld();
  world.killFeed(world.nodes[1]);
  await world.clock.pass(5000);
  return { world, journal: createTestJournal() };
}

export interface Call extends Partial<RecoverOptions> {
  readonly store?: RunStore;
  readonly signal?: AbortSignal;
  readonly actor?: string;
  readonly say?: (line: string) => void;
}

let ids = 0;

function newId(): string {
  ids += 1;
  return `run-${ids}`;
}

function agree(): Promise<boolean> {
  return Promise.resolve(true);
}

/** One call of recover, as one process makes it: its own observer, which ends with it. Time is not driven here. */
export async function callRecover({ world, journal }: Scene, call: Call = {}): Promise<RecoverEnd> {
  const { store = journal, signal = new AbortController().signal, say = () => undefined, ...options } = call;
  const observer = startObserver(world.taps, world.clock);
  const context = { nodes: world.taps, profile: microk8s, clock: world.clock, store, observer, signal, say };
  try {
    return await recover(context, { node: null, dryRun: false, newId, actor: "test", confirm: agree, ...options });
  } finally {
    await observer.stop();
  }
}

/** The same, with time driven to its end. */
export function runRecover(scene: Scene, call: Call = {}): Promise<RecoverEnd> {
  return scene.world.clock.drive(callRecover(scene, call));
}

/** The kinds of all entries of one run, in order. */
export function kinds(journal: TestJournal, index = 0): readonly EntryKind[] {
  return journal.runs()[index]?.entries.map(({ kind }) => kind) ?? [];
}

/** The reasons with which a call was refused. */
export function reasons(end: RecoverEnd): readonly string[] {
  const refusals = end.end === "ran" ? end.refusals : end.end === "planned" ? end.plan.refusals : [];
  return refusals.map(({ rule, reason }) => `${rule}: ${reason}`);
}
