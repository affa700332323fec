import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { configJsonSchema } from "../src/cli/config.ts";
import { doctorReportSchema } from "../src/cli/report/doctor-report.ts";
import { leadersReportSchema } from "../src/cli/report/leaders-report.ts";
import { recoverReportSchema } from "../src/cli/report/recover-report.ts";

/** Where the published schemas stand; the npm package ships them. */
export const SCHEMA_DIRECTORY = join(import.meta.dirname, "../docs/schema");

/** Every published document by its file, as it must stand there. Made from what the program itself checks with. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["config.schema.json", text("Configuration file of quorate (--config)", configJsonSchema())],
    ["doctor.schema.json", text("quorate doctor -o json", z.toJSONSchema(doctorReportSchema))],
    ["leaders.schema.json", text("quorate leaders -o json", z.toJSONSchema(leadersReportSchema))],
    ["recover.schema.json", text("quorate recover -o json", z.toJSONSchema(recoverReportSchema))],
  ]);
}

function text(title: string, schema: object): string {
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, content] of schemaFiles()) writeFileSync(join(SCHEMA_DIRECTORY, name), content);
}
