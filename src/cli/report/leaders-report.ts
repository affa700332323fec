import { z } from "zod";
import type { LeaderTable } from "../../app/leaders.ts";
import { stateSchema } from "./doctor-report.ts";

/** What `quorate leaders -o json` prints. Published as docs/schema/leaders.schema.json. */
export const leadersReportSchema = z.strictObject({
  schema: z.literal("quorate.leaders/v1"),
  state: stateSchema.describe("ok: one usable leader; broken: none; unknown: too few members answered"),
  message: z.string(),
  rows: z.array(
    z.strictObject({
      what: z.string().describe("dqlite, or the Lease's name"),
      who: z.string().describe("A member's address, or a Lease's holderIdentity"),
      role: z.string().describe("leader, voter, stand-by, spare, unknown, or holder"),
      detail: z.string(),
    }),
  ),
});

export type LeadersReport = z.infer<typeof leadersReportSchema>;

/** The table as the published document. */
export function leadersReport({ rows, state, message }: LeaderTable): LeadersReport {
  return { schema: "quorate.leaders/v1", state, message, rows: rows.map((row) => ({ ...row })) };
}
