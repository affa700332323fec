import { DOCTOR_BUDGET_MS, DOCTOR_FINAL_BUDGET_MS, firstAnswer } from "../../src/app/doctor.ts";
import { startObserver } from "../../src/app/observer.ts";
import { recover } from "../../src/app/recover/recover.ts";
import type { Rule } from "../../src/core/guard/rule.ts";
import type { Ladder } from "../../src/core/ladder/climb.ts";
import type { Rung } from "../../src/core/ladder/rung.ts";
import { microk8s } from "../../src/core/profiles/microk8s/index.ts";
import { remedyFor } from "../../src/core/remedy/remedy.ts";
import type { nextStep } from "../../src/core/runbooks/renew-watches/index.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import type { RunStore } from "../../src/ports/run-store.ts";
import type { NewQuorateEvent } from "./events.ts";

/** How often the watching program looks at its ladder: as often as the fastest tap reads. */
const LOOK_EVERY_MS = 1000;

/** A tap that threw, which is a bug, shows only to who waits on the observer: once a minute is often enough. */
const LOOKS_BETWEEN_CHECKS = 60;

/** Between two calls of recover: a refusal for another restart holds for a minute, so asking earlier is in vain. */
const PILOT_PAUSE_MS = 60_000;

/** After the last finding it goes on watching for so long: a cure proves itself within two minutes. */
const QUIET_MS = 120_000;

/** What one run of the program has in its hands; all of it ends with its process. */
export interface ProgramRun {
  readonly mode: "observe" | "recover";
  readonly taps: readonly NodeTaps[];
  readonly clock: Clock;
  readonly store: RunStore;
  readonly actor: string;
  readonly newId: () => string;
  readonly tell: (event: NewQuorateEvent) => void;
  /** The last ladder, as it is told to whoever checks. */
  readonly show: (ladder: Ladder) => void;
  /** Null: it watches for ever. Else a one-shot doctor that often while nothing calls for attention. */
  readonly doctorEveryMs: number | null;
  /** Whether somebody wants it to watch now; and a sleep that ends early when somebody begins to. */
  readonly isAttentionWanted: () => boolean;
  readonly untilAttention: (ms: number) => Promise<void>;
  readonly rungs?: readonly Rung[];
  readonly rules?: readonly Rule[];
  readonly nextStep?: typeof nextStep;
}

/** The program: doctor once in a while, watch when something is going on, and in `recover` mode cure what can be cured. */
export async function runProgram(run: ProgramRun): Promise<void> {
  for (;;) {
    const mayRest = run.doctorEveryMs !== null && !run.isAttentionWanted() && run.store.openRuns().length === 0;
    if (!mayRest || (await doctor(run)).state !== "ok") await watch(run);
    if (run.doctorEveryMs !== null && !run.isAttentionWanted()) await run.untilAttention(run.doctorEveryMs);
  }
}

/** One call of `quorate doctor`: the first answer, and the final one when something was still open. */
async function doctor(run: ProgramRun): Promise<Ladder> {
  const observer = startObserver(run.taps, run.clock, undefined, run.rungs);
  const { signal } = new AbortController();
  let ladder = await firstAnswer(observer, { budgetMs: DOCTOR_BUDGET_MS, spentMs: 0 }, signal);
  if (ladder.waitingFor.length > 0) {
    ladder = await observer.until((seen) => seen.waitingFor.length === 0, DOCTOR_FINAL_BUDGET_MS, signal);
  }
  run.show(ladder);
  run.tell({ kind: "ladder", ladder, isDoctor: true });
  await observer.stop();
  return ladder;
}

async function watch(run: ProgramRun): Promise<void> {
  run.tell({ kind: "attention", isWatching: true });
  const observer = startObserver(run.taps, run.clock, undefined, run.rungs);
  const state = { isOver: false, isRecovering: false };

  async function look(): Promise<void> {
    let shown = "";
    let looks = 0;
    let quietSinceMs = run.clock.monotonicMs();
    while (!state.isOver) {
      const ladder = observer.ladder();
      run.show(ladder);
      const matrix = matrixOf(ladder);
      if (matrix !== shown) run.tell({ kind: "ladder", ladder, isDoctor: false });
      shown = matrix;
      const nowMs = run.clock.monotonicMs();
      if (ladder.state !== "ok" || state.isRecovering || run.isAttentionWanted()) quietSinceMs = nowMs;
      state.isOver = run.doctorEveryMs !== null && nowMs - quietSinceMs >= QUIET_MS;
      await run.clock.sleep(LOOK_EVERY_MS);
      looks += 1;
      if (looks % LOOKS_BETWEEN_CHECKS === 0) await observer.until(() => false, LOOK_EVERY_MS);
    }
  }

  async function pilot(): Promise<void> {
    while (!state.isOver) {
      const hasRun = run.store.openRuns().length > 0;
      if (hasRun || observer.ladder().causes.some((cause) => remedyFor(cause, microk8s) !== null)) {
        state.isRecovering = true;
        run.tell({ kind: "recover-began" });
        run.tell({ kind: "recover-ended", end: await callRecover() });
        state.isRecovering = false;
        await run.clock.sleep(PILOT_PAUSE_MS);
      }
      await run.clock.sleep(LOOK_EVERY_MS);
    }
  }

  function callRecover(): ReturnType<typeof recover> {
    const { taps, clock, store, rules, nextStep } = run;
    const context = {
      nodes: taps,
      profile: microk8s,
      clock,
      store,
      observer,
      signal: new AbortController().signal,
      say: () => undefined,
      ...(rules === undefined ? {} : { rules }),
      ...(nextStep === undefined ? {} : { nextStep }),
    };
    return recover(context, { node: null, dryRun: false, newId: run.newId, actor: run.actor, confirm: agree });
  }

  await Promise.all([look(), ...(run.mode === "recover" ? [pilot()] : [])]);
  await observer.stop();
  run.tell({ kind: "attention", isWatching: false });
}

/** The person who is asked before anything is done always agrees: the laws must hold without them. */
function agree(): Promise<boolean> {
  return Promise.resolve(true);
}

/** What a person sees of the ladder: a change of a number in an evidence is none. */
export function matrixOf(ladder: Ladder): string {
  return ladder.nodes
    .map(({ node, verdicts }) => `${node} ${verdicts.map(({ state, reason }) => `${state}/${reason}`).join(" ")}`)
    .join("; ");
}
