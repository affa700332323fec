import type { Cause, Ladder } from "../../core/ladder/climb.ts";
import { ageText } from "../../core/ladder/rung.ts";
import type { Evidence, Verdict } from "../../core/model/verdict.ts";
import { RUNG_IDS } from "../../core/model/verdict.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import { adviceFor, remedyFor } from "../../core/remedy/remedy.ts";
import { type Canvas, ink, plain, stateText } from "./style.ts";
import { drawTable } from "./table.ts";

/** The whole page that doctor prints: matrix, causes with evidence and remedy, or what is not known and why. */
export function drawLadder(ladder: Ladder, profile: Profile, canvas: Canvas): string {
  const parts = [drawMatrix(ladder, canvas)];
  for (const cause of ladder.causes) parts.push(drawCause(ladder, cause, profile, canvas));
  const open = ladder.nodes.flatMap(({ verdicts, cause }) =>
    verdicts.filter((verdict) => isWorthALine(verdict, cause)),
  );
  if (open.length > 0) parts.push(open.map((verdict) => drawOpen(verdict, canvas)).join("\n"));
  if (ladder.state === "ok")
    parts.push(ink(canvas, "green", "Every rung is ok on every node: heartbeats are written, delivered and seen."));
  return `${parts.join("\n\n")}\n`;
}

/** The matrix node by rung. The cause is in capitals, what stands above it is not. */
export function drawMatrix(ladder: Ladder, canvas: Canvas): string {
  const head = [{ text: "NODE" }, ...RUNG_IDS.map((id) => ({ text: id }))];
  const rows = ladder.nodes.map(({ node, verdicts, cause }) => [
    { text: plain(node) },
    ...verdicts.map((verdict) => {
      const text = verdict.rung === cause?.rung ? verdict.state.toUpperCase() : verdict.state;
      return { text, drawn: stateText(canvas, verdict.state, text) };
    }),
  ]);
  return drawTable([head, ...rows]);
}

function drawCause(ladder: Ladder, cause: Cause, profile: Profile, canvas: Canvas): string {
  const lines = [
    `${ink(canvas, "red", "CAUSE")}  ${plain(cause.node)}, rung ${cause.rung}: ${plain(cause.verdict.message)}`,
  ];
  if (cause.consequences.length > 0) lines.push(`       consequence, not cause: ${cause.consequences.join(", ")}`);
  if (cause.unknownBelow.length > 0) {
    lines.push(`       not known below it: ${cause.unknownBelow.join(", ")} (the cause may lie there)`);
  }
  for (const one of cause.verdict.evidence) lines.push(drawEvidence(ladder, one, canvas));
  lines.push(`REMEDY ${remedyText(cause, profile)}`);
  return lines.join("\n");
}

function drawEvidence(ladder: Ladder, one: Evidence, canvas: Canvas): string {
  const bound = one.threshold === undefined ? "" : `; bound: ${one.threshold}`;
  const age = ageText(Math.max(0, ladder.atMs - one.atMs));
  return ink(canvas, "dim", plain(`       ${one.what}: ${one.value} (on ${one.node}, ${age} ago${bound})`));
}

/** The remedy as a command, or what a person should do where Quorate does not act. */
export function remedyText(cause: Cause, profile: Profile): string {
  const remedy = remedyFor(cause, profile);
  if (remedy === null) return adviceFor(cause, profile);
  const node = plain(cause.node);
  return `quorate recover --node ${node}\n       ${remedy.why}\n       (by hand: systemctl restart ${remedy.action.unit} on ${node}, nothing else)`;
}

/** Degraded and unknown rungs that no cause explains; above a cause they are consequence. */
function isWorthALine(verdict: Verdict, cause: Cause | null): boolean {
  if (verdict.state === "ok" || verdict.state === "broken") return false;
  return cause === null || RUNG_IDS.indexOf(verdict.rung) < RUNG_IDS.indexOf(cause.rung);
}

function drawOpen(verdict: Verdict, canvas: Canvas): string {
  const word = stateText(canvas, verdict.state, verdict.state.toUpperCase());
  const wait = verdict.waitingFor === undefined ? "" : `; waiting for ${verdict.waitingFor}`;
  return `${word}  ${plain(`${verdict.node}, rung ${verdict.rung}: ${verdict.message}${wait}`)}`;
}
