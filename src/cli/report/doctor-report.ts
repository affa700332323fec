import { z } from "zod";
import type { Ladder } from "../../core/ladder/climb.ts";
import { type Evidence, RUNG_IDS } from "../../core/model/verdict.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import { adviceFor, remedyFor } from "../../core/remedy/remedy.ts";
import { EXIT_BY_STATE } from "../exit-codes.ts";

export const evidenceSchema = z.strictObject({
  what: z.string(),
  value: z.string(),
  node: z.string(),
  at: z.iso.datetime(),
  threshold: z.string().optional(),
  source: z.string().optional(),
});

export const stateSchema = z.enum(["ok", "degraded", "broken", "unknown"]);
const rungSchema = z.enum(RUNG_IDS);

const verdictSchema = z.strictObject({
  rung: rungSchema,
  state: stateSchema,
  reason: z.string().describe("Stable kebab-case word"),
  message: z.string(),
  resources: z.array(z.string()).optional().describe("For cache: the resources whose cache stands still"),
  waitingFor: z.string().optional(),
  evidence: z.array(evidenceSchema),
});

const causeSchema = z.strictObject({
  node: z.string(),
  rung: rungSchema,
  reason: z.string(),
  message: z.string(),
  resources: z.array(z.string()).optional(),
  consequences: z.array(rungSchema).describe("Rungs above that are not ok because of this"),
  unknownBelow: z.array(rungSchema).describe("Rungs below that could not be judged"),
  remedy: z
    .strictObject({ command: z.array(z.string()), unit: z.string(), node: z.string(), why: z.string() })
    .nullable()
    .describe("What Quorate would do; null where only a person may act"),
  advice: z.string(),
});

/** What `quorate doctor -o json` prints. Published as docs/schema/doctor.schema.json. */
export const doctorReportSchema = z.strictObject({
  schema: z.literal("quorate.doctor/v1"),
  at: z.iso.datetime(),
  observedMs: z.number(),
  profile: z.string(),
  state: stateSchema,
  exitCode: z.number(),
  nodes: z.array(
    z.strictObject({ node: z.string(), causeRung: rungSchema.nullable(), verdicts: z.array(verdictSchema) }),
  ),
  causes: z.array(causeSchema),
  waitingFor: z.array(z.string()),
});

export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** The ladder as the published document. */
export function doctorReport(ladder: Ladder, profile: Profile, observedMs: number): DoctorReport {
  return {
    schema: "quorate.doctor/v1",
    at: iso(ladder.atMs),
    observedMs: Math.round(observedMs),
    profile: profile.id,
    state: ladder.state,
    exitCode: EXIT_BY_STATE[ladder.state],
    nodes: ladder.nodes.map(({ node, verdicts, cause }) => ({
      node,
      causeRung: cause?.rung ?? null,
      verdicts: verdicts.map((verdict) => ({
        rung: verdict.rung,
        state: verdict.state,
        reason: verdict.reason,
        message: verdict.message,
        ...(verdict.resources === undefined ? {} : { resources: [...verdict.resources] }),
        ...(verdict.waitingFor === undefined ? {} : { waitingFor: verdict.waitingFor }),
        evidence: verdict.evidence.map(reportEvidence),
      })),
    })),
    causes: ladder.causes.map((cause) => reportCause(cause, profile)),
    waitingFor: [...ladder.waitingFor],
  };
}

function reportCause(cause: Ladder["causes"][number], profile: Profile): DoctorReport["causes"][number] {
  const remedy = remedyFor(cause, profile);
  const { resources } = cause.verdict;
  return {
    node: cause.node,
    rung: cause.rung,
    reason: cause.verdict.reason,
    message: cause.verdict.message,
    ...(resources === undefined ? {} : { resources: [...resources] }),
    consequences: [...cause.consequences],
    unknownBelow: [...cause.unknownBelow],
    remedy:
      remedy === null
        ? null
        : {
            command: ["quorate", "recover", "--node", cause.node],
            unit: remedy.action.unit,
            node: remedy.action.node,
            why: remedy.why,
          },
    advice: adviceFor(cause, profile),
  };
}

/** Evidence with its time as people and other programs read it. */
export function reportEvidence({ atMs, ...rest }: Evidence): z.infer<typeof evidenceSchema> {
  return { ...rest, at: iso(atMs) };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
