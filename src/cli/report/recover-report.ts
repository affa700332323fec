import { z } from "zod";
import type { RecoverEnd } from "../../app/recover/recover.ts";
import type { Refusal } from "../../core/model/action.ts";
import { evidenceSchema, reportEvidence } from "./doctor-report.ts";

const refusalSchema = z.strictObject({
  rule: z.string().describe("Id of the guard's rule"),
  reason: z.string().describe("Stable kebab-case word"),
  message: z.string(),
  next: z.string().describe("What the operator can do"),
  evidence: z.array(evidenceSchema),
});

const RESULTS = [
  "nothing-to-do",
  "undecided",
  "for-people",
  "planned",
  "declined",
  "cured",
  "refused",
  "escalated",
  "open",
] as const;

/** What `quorate recover -o json` prints. Published as docs/schema/recover.schema.json. */
export const recoverReportSchema = z.strictObject({
  schema: z.literal("quorate.recover/v1"),
  result: z
    .enum(RESULTS)
    .describe("open: the run is not finished and is resumed by the next call; planned: a dry run, nothing was done"),
  node: z.string().nullable(),
  runId: z.string().nullable().describe("Id of the run in the journal"),
  message: z.string(),
  refusals: z.array(refusalSchema),
});

export type RecoverReport = z.infer<typeof recoverReportSchema>;

/** How a call of recover ended, as the published document. */
export function recoverReport(end: RecoverEnd): RecoverReport {
  const none = { schema: "quorate.recover/v1" as const, node: null, runId: null, refusals: [] };
  switch (end.end) {
    case "nothing-to-do":
    case "undecided":
      return { ...none, result: end.end, message: end.message };
    case "for-people":
      return {
        ...none,
        result: end.end,
        node: end.cause.node,
        message: `${end.cause.verdict.message}; ${end.message}`,
      };
    case "planned":
    case "declined": {
      const { cause, remedy, refusals } = end.plan;
      const verdict = refusals.length === 0 ? "permitted" : "refused";
      const why = end.end === "planned" ? "dry run, nothing was done" : "declined, nothing was done";
      const message = `restart ${remedy.action.unit} on ${cause.node} for rung ${cause.rung}: ${verdict} now; ${why}`;
      return { ...none, result: end.end, node: cause.node, message, refusals: refusals.map(reportRefusal) };
    }
    case "ran": {
      const { runId, node, result, message, refusals } = end;
      return { ...none, result: result ?? "open", node, runId, message, refusals: refusals.map(reportRefusal) };
    }
  }
}

function reportRefusal({ rule, reason, message, next, evidence }: Refusal): RecoverReport["refusals"][number] {
  return { rule, reason, message, next, evidence: evidence.map(reportEvidence) };
}
