import { DOCTOR_BUDGET_MS, DOCTOR_FINAL_BUDGET_MS, firstAnswer } from "../../../src/app/doctor.ts";
import type { Ladder } from "../../../src/core/ladder/climb.ts";
import { RUNG_IDS, type Verdict } from "../../../src/core/model/verdict.ts";
import { microk8s } from "../../../src/core/profiles/microk8s/index.ts";
import { adviceFor, remedyFor } from "../../../src/core/remedy/remedy.ts";
import { askQuorate } from "../asking.ts";
import { drawLadder } from "../print.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";

export const doctor: Verb = {
  id: "doctor",
  usage:
    "doctor [why]: quorate doctor from the operator's machine: the matrix, the causes and the remedy; with what it rests on",
  run: async ({ play }, args) => {
    const isWhy = args.wordIf("why") !== null;
    args.end();
    const ladder = await lookOnce(play);
    const lines = [...drawLadder(ladder), ...ladder.causes.flatMap((cause) => causeLines(cause)), ...openLines(ladder)];
    return isWhy ? [...lines, ...whyLines(ladder)] : lines;
  },
};

/** One call of doctor: the first answer, or the final one when something was still open. */
export function lookOnce(play: Play): Promise<Ladder> {
  return askQuorate(play, "doctor", async ({ observer }) => {
    const { signal } = new AbortController();
    const ladder = await firstAnswer(observer, { budgetMs: DOCTOR_BUDGET_MS, spentMs: 0 }, signal);
    if (ladder.waitingFor.length === 0) return ladder;
    return observer.until((seen) => seen.waitingFor.length === 0, DOCTOR_FINAL_BUDGET_MS, signal);
  });
}

function causeLines(cause: Ladder["causes"][number]): readonly string[] {
  const { node, rung, verdict, consequences } = cause;
  const remedy = remedyFor(cause, microk8s);
  const resources = verdict.resources === undefined ? "" : ` [${someOf(verdict.resources)}]`;
  const does =
    remedy === null
      ? `for people: ${adviceFor(cause, microk8s)}`
      : `restart ${remedy.action.role} on ${remedy.action.node}`;
  return [
    `CAUSE ${node} ${rung}: ${verdict.reason}${resources}`,
    ...(consequences.length === 0 ? [] : [`  consequence, not cause: ${consequences.join(", ")}`]),
    `  remedy: ${does}`,
  ];
}

/** All of a few, or the first three and how many more. */
function someOf(resources: readonly string[]): string {
  if (resources.length <= RESOURCES_SHOWN + 1) return resources.join(", ");
  return `${resources.slice(0, RESOURCES_SHOWN).join(", ")} and ${resources.length - RESOURCES_SHOWN} more`;
}

const RESOURCES_SHOWN = 3;

/** What each verdict that is not ok rests on. */
function whyLines({ nodes }: Ladder): readonly string[] {
  const open = nodes.flatMap(({ verdicts }) => verdicts.filter(({ state }) => state !== "ok"));
  return open.flatMap(({ node, rung, message, evidence }) => [
    `${node} ${rung}: ${message}`,
    ...evidence.map(({ what, value }) => `  ${what}: ${value}`),
  ]);
}

/** Degraded and unknown rungs that stand below a cause, or that no cause explains. */
function openLines(ladder: Ladder): readonly string[] {
  return ladder.nodes.flatMap(({ verdicts, cause }) =>
    verdicts
      .filter((one) => isOpen(one, cause?.rung))
      .map(({ node, rung, state, reason }) => `${state} ${node} ${rung}: ${reason}`),
  );
}

function isOpen({ state, rung }: Verdict, cause: Verdict["rung"] | undefined): boolean {
  if (state === "ok" || state === "broken") return false;
  return cause === undefined || RUNG_IDS.indexOf(rung) < RUNG_IDS.indexOf(cause);
}
