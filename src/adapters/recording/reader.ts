import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Observation } from "../../core/model/observation.ts";
import { RECORDING_VERSION, type Recording, type RecordingHeader } from "../../core/recording/recording.ts";
import { RecordingError } from "./recorder.ts";
import { observationSchema } from "./schema.ts";

/** A recording of an hour with three nodes is about 60 MB; larger files are refused before they fill the memory. */
export const RECORDING_BYTES_MAX = 256 * 1024 * 1024;

const headerSchema = z.object({
  format: z.literal("quorate-recording"),
  version: z.literal(RECORDING_VERSION),
  quorate: z.string(),
  profile: z.string(),
  startedAtMs: z.number(),
  nodes: z.array(z.string()).min(1),
  note: z.string().optional(),
});

/** Reads and checks a recording. Throws RecordingError with the line at which it stops being one. */
export function readRecording(path: string): Recording {
  return parseRecording(readText(path), path);
}

/** The pure part of `readRecording`. A last line that was cut off (a killed recorder) is left out. */
export function parseRecording(text: string, path: string): Recording {
  const lines = text.split("\n");
  const whole = lines.slice(0, -1);
  const header = parseLine(headerSchema, whole[0] ?? "", path, 1) as RecordingHeader;
  const observations = whole.slice(1).map((line, index) => parseLine(observationSchema, line, path, index + 2) as Observation);
  return { header, observations };
}

function parseLine(schema: z.ZodType, line: string, path: string, number: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new RecordingError(`${path}:${number}: not a recording of Quorate (not JSON)`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new RecordingError(`${path}:${number}: not a recording this Quorate can read: ${where}${issue?.message ?? "invalid"}`);
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > RECORDING_BYTES_MAX) throw new RecordingError(`${path}: larger than ${RECORDING_BYTES_MAX} bytes`);
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new RecordingError(`${path}: cannot be read (${code})`, { cause: error });
  }
}
