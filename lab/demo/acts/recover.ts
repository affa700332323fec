import { recover as runRecover, type RecoverEnd } from "../../../src/app/recover/recover.ts";
import { DOCTOR_BUDGET_MS, DOCTOR_FINAL_BUDGET_MS, firstAnswer } from "../../../src/app/doctor.ts";
import type { Ladder } from "../../../src/core/ladder/climb.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import { microk8s } from "../../../src/core/profiles/microk8s/index.ts";
import { adviceFor, remedyFor } from "../../../src/core/remedy/remedy.ts";
import type { Cluster } from "../cluster.ts";
import type { Stage } from "../stage.ts";
import { rowsOf } from "../voices/quorate.ts";
import { actByQuorate } from "./call.ts";

/** Longer than any run: both remedies with their proofs. */
const RECOVER_MS = 900_000;
const DOCTOR_MS = 30_000;

/** How a call of `quorate recover` went. */
export interface Recovered {
  readonly end: RecoverEnd;
  readonly fromMs: number;
  readonly toMs: number;
}

/** `quorate recover --node NODE --yes`, with all that it says. */
export async function recover(stage: Stage, cluster: Cluster, node: NodeName): Promise<Recovered> {
  const { sim } = cluster.driver;
  const fromMs = sim.nowMs();
  cluster.tell({ kind: "injected", text: `somebody runs: quorate recover --node ${node}` });
  const say = (line: string): void => cluster.tell({ kind: "quorate", text: line, lines: [] });
  const end = await actByQuorate(stage, cluster, {
    by: "recover",
    say,
    atMostMs: RECOVER_MS,
    run: ({ context }) =>
      runRecover(context, {
        node,
        dryRun: false,
        newId: () => sim.random("ids of the demonstration").hex(8),
        actor: "quorate",
        confirm: () => Promise.resolve(true),
      }),
  });
  cluster.tell({ kind: "quorate", ...endText(end) });
  await stage.flush(cluster);
  return { end, fromMs, toMs: sim.nowMs() };
}

function endText(end: RecoverEnd): { readonly text: string; readonly lines: readonly string[] } {
  if (end.end === "planned" || end.end === "declined") return { text: end.end, lines: [] };
  if (end.end !== "ran") return { text: `${end.end.toUpperCase()}  ${end.message}`, lines: [] };
  const lines = end.refusals.map(({ rule, reason, message }) => `refused by ${rule} (${reason}): ${message}`);
  return { text: `${(end.result ?? "open").toUpperCase()}  ${end.message}`, lines };
}

/** `quorate doctor`: the matrix, and for each cause what cures it. */
export async function doctor(stage: Stage, cluster: Cluster): Promise<Ladder> {
  cluster.tell({ kind: "injected", text: "somebody runs: quorate doctor" });
  const ladder = await actByQuorate(stage, cluster, {
    by: "doctor",
    say: () => undefined,
    atMostMs: DOCTOR_MS,
    run: async ({ observer }) => {
      const { signal } = new AbortController();
      const first = await firstAnswer(observer, { budgetMs: DOCTOR_BUDGET_MS, spentMs: 0 }, signal);
      if (first.waitingFor.length === 0) return first;
      return observer.until((seen) => seen.waitingFor.length === 0, DOCTOR_FINAL_BUDGET_MS, signal);
    },
  });
  cluster.tell({ kind: "quorate", text: `doctor: the control plane is ${ladder.state}`, lines: [] });
  cluster.tell({ kind: "ladder", rows: rowsOf(ladder) });
  for (const cause of ladder.causes) {
    const remedy = remedyFor(cause, microk8s);
    const what = remedy === null ? adviceFor(cause, microk8s) : `quorate recover --node ${cause.node}`;
    cluster.tell({ kind: "quorate", text: `REMEDY ${what}`, lines: remedy === null ? [] : [remedy.why] });
  }
  await stage.flush(cluster);
  return ladder;
}
