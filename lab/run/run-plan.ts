import { createHash } from "node:crypto";
import { faultById } from "../faults/registry.ts";
import type { FaultyQuorate } from "../faults/fault.ts";
import type { Invariant, LabEvent, WatchedQuorate } from "../invariants/invariant.ts";
import { createTruth } from "../invariants/truth.ts";
import { createLabRunStore } from "../quorate/run-store.ts";
import { type Quorate, type Seams, startQuorate } from "../quorate/start.ts";
import { createSim, type LogLine, type Sim } from "../sim/sim.ts";
import { createWorld } from "../world/create-world.ts";
import { UNITS, type World } from "../world/world.ts";
import { textOf } from "./event-text.ts";
import type { Plan } from "./plan.ts";
import type { Found, Result } from "./result.ts";
import { createTally } from "./tally.ts";
import { createWatchers } from "./watchers.ts";

export interface RunOptions {
  readonly seams?: Seams;
  /** Default all. */
  readonly invariants?: readonly Invariant[];
  readonly onLog?: (line: LogLine, sinceMs: number) => void;
}

/** Any fixed instant would do; the log shows it. */
const START_MS = Date.UTC(2026, 5, 24, 6, 0);

/** How often the driver looks whether a violation ended the run. */
const SLICE_MS = 60_000;

/** After a fault began or was undone Quorate watches on for at least this long. */
const ATTENTION_MS = 4 * 60_000;

/** Machines boot in half a minute. */
const BOOT_MS = 30_000;

const CHECK_EVERY_MS = 1000;
const IDLE_CHECK_EVERY_MS = 60_000;

/** Acts a plan out: warm-up, safety phase with its faults, healing, liveness phase. Ends at the first violation. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<Result> {
  const hash = createHash("sha256");
  const safetyAtMs = START_MS + plan.warmUpMs;
  const startedMs = performance.now();
  const driver = createSim({
    seed: plan.seed,
    startMs: START_MS,
    onLog: (line) => {
      hash.update(`${line.atMs} ${line.who} ${line.text}\n`);
      options.onLog?.(line, line.atMs - safetyAtMs);
    },
  });
  const { sim } = driver;
  const world = createWorld(sim, plan.spec);
  await driver.runUntil(safetyAtMs);

  const state: { found: Found | null; active: number } = { found: null, active: 0 };
  const tally = createTally();
  const quorates: (Quorate & WatchedQuorate)[] = [];
  const watchers = createWatchers(
    { truth: createTruth(world), quorates },
    (invariant, message) => {
      state.found = { invariant, atMs: sim.nowMs() - safetyAtMs, message };
      sim.log("invariant", `${invariant}: ${message}`);
    },
    options.invariants,
  );
  const said = new Map<string, string>();
  const tell = (event: LabEvent): void => {
    const line = textOf(event);
    // A ladder whose reasons changed and whose causes did not reads the same.
    if (line !== null && said.get(line.who) !== line.text) sim.log(line.who, line.text);
    if (line !== null) said.set(line.who, line.text);
    tally.see(event);
    watchers.event(event);
  };
  for (const node of world.nodes) {
    node.host.systemd.onChange((change) => tell({ kind: "unit", atMs: sim.nowMs(), change }));
  }
  world.dqlite.onLeader((leader) => tell({ kind: "leader", atMs: sim.nowMs(), leader }));
  tell({ kind: "phase", atMs: sim.nowMs(), phase: "safety" });
  for (const { name, from, mode } of plan.quorates) {
    // Not in step with the world's own full seconds.
    await driver.runUntil(sim.nowMs() + sim.random("run").between(0, 2000));
    quorates.push(watched(plan, { sim, world, name, from, mode, tell, seams: options.seams }));
  }
  startChecks(sim, quorates, state, () => watchers.check());
  for (const { atMs, nth, isKept } of plan.deaths) sim.after(atMs, () => quorates[0]?.killAtEntry(nth, isKept));
  const heal = scheduleFaults(plan, { sim, world, quorates, tell, state });

  await runSliced(driver.runUntil, sim, safetyAtMs + plan.safetyMs, () => state.found !== null);
  if (state.found === null) {
    heal();
    healMachines(world);
    tell({ kind: "phase", atMs: sim.nowMs(), phase: "liveness" });
    for (const quorate of quorates) quorate.attend(sim.nowMs() + ATTENTION_MS);
    await runSliced(driver.runUntil, sim, sim.nowMs() + plan.livenessMs, () => state.found !== null);
  }
  if (state.found === null) {
    tell({ kind: "phase", atMs: sim.nowMs(), phase: "over" });
    watchers.finish();
  }
  for (const quorate of quorates) quorate.stop();
  return {
    seed: plan.seed,
    plan,
    found: state.found,
    hash: hash.digest("hex"),
    simulatedMs: sim.nowMs() - START_MS,
    wallMs: performance.now() - startedMs,
    events: driver.events,
    stats: tally.stats(),
  };
}

interface QuorateParts {
  readonly sim: Sim;
  readonly world: World;
  readonly name: string;
  readonly from: string;
  readonly mode: "observe" | "recover";
  readonly tell: (event: LabEvent) => void;
  readonly seams: Seams | undefined;
}

function watched(plan: Plan, { seams, tell, ...parts }: QuorateParts): Quorate & WatchedQuorate {
  const runStore = createLabRunStore();
  const quorate = startQuorate({
    ...parts,
    runStore,
    doctorEveryMs: plan.doctorEveryMs,
    onEvent: tell,
    ...(seams === undefined ? {} : { seams }),
  });
  return Object.assign(quorate, { runs: () => runStore.runs() });
}

/** Looks each second while something goes on, and each minute while nothing does. */
function startChecks(
  sim: Sim,
  quorates: readonly Quorate[],
  state: { readonly active: number; readonly found: Found | null },
  check: () => void,
): void {
  const tick = (): void => {
    if (state.found !== null) return;
    check();
    const isBusy = state.active > 0 || quorates.some(({ watchingSinceMs }) => watchingSinceMs !== null);
    sim.after(isBusy ? CHECK_EVERY_MS : IDLE_CHECK_EVERY_MS, tick);
  };
  tick();
}

interface FaultParts {
  readonly sim: Sim;
  readonly world: World;
  readonly quorates: readonly Quorate[];
  readonly tell: (event: LabEvent) => void;
  readonly state: { active: number };
}

/** Starts and undoes the plan's faults in their time; the returned function undoes what is still on. */
function scheduleFaults(plan: Plan, { sim, world, quorates, tell, state }: FaultParts): () => void {
  const undos = new Set<() => void>();
  const attend = (): void => {
    for (const quorate of quorates) quorate.attend(sim.nowMs() + ATTENTION_MS);
  };
  for (const [at, faultPlan] of plan.faults.entries()) {
    const fault = faultById(faultPlan.fault);
    if (fault === null) throw new Error(`no fault ${faultPlan.fault}`);
    const target = quorates[at % quorates.length] as FaultyQuorate;
    sim.after(faultPlan.atMs, () => {
      state.active += 1;
      attend();
      tell({ kind: "fault", atMs: sim.nowMs(), plan: faultPlan, is: "begun" });
      const stop = fault.start(world, target, faultPlan);
      const undo = (): void => {
        if (!undos.delete(undo)) return;
        state.active -= 1;
        attend();
        stop();
        tell({ kind: "fault", atMs: sim.nowMs(), plan: faultPlan, is: "undone" });
      };
      undos.add(undo);
      sim.after(faultPlan.durationMs, undo);
    });
  }
  return () => {
    for (const undo of undos) undo();
  };
}

/** What an operator does once the trouble is over: power, and units that stayed down. What was stopped on purpose stays. */
function healMachines(world: World): void {
  for (const { host } of world.nodes) {
    if (!host.isUp) host.powerOn(BOOT_MS);
    else {
      for (const unit of [UNITS.datastore, UNITS.kubelite]) {
        if (["inactive", "failed"].includes(host.systemd.state(unit).activeState)) host.systemd.start(unit, "operator");
      }
    }
  }
}

async function runSliced(
  runUntil: (untilMs: number) => Promise<void>,
  sim: Sim,
  untilMs: number,
  isOver: () => boolean,
): Promise<void> {
  while (sim.nowMs() < untilMs && !isOver()) await runUntil(Math.min(untilMs, sim.nowMs() + SLICE_MS));
}
