import { closeSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import type { Observation } from "../../core/model/observation.ts";
import { RECORDING_VERSION, type Recording, type RecordingHeader } from "../../core/recording/recording.ts";
import { RecordingError } from "./recorder.ts";
import { instant, observationSchema } from "./schema.ts";

/** A recording of an hour with three nodes is about 60 MB; larger files are refused before they fill the memory. */
export const RECORDING_BYTES_MAX = 256 * 1024 * 1024;

const PIECE_BYTES = 1024 * 1024;

/**
 * No recording is longer in time: 256 MB of one node are half a day. Without a bound one line from the far future would
 * keep a replay busy for ever.
 */
export const RECORDING_SPAN_MAX_MS = 7 * 86_400_000;

const headerSchema = z.strictObject({
  format: z.literal("quorate-recording"),
  version: z.literal(RECORDING_VERSION),
  quorate: z.string(),
  profile: z.string(),
  startedAtMs: instant,
  nodes: z.array(z.string().min(1)).min(1),
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
  const endMs = header.startedAtMs + RECORDING_SPAN_MAX_MS;
  const observations = whole.slice(1).map((line, index) => {
    const observation = parseLine(observationSchema, line, path, index + 2) as Observation;
    if (observation.atMs <= endMs) return observation;
    throw new RecordingError(`${path}:${index + 2}: more than 7 days after the recording began`);
  });
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
  throw new RecordingError(
    `${path}:${number}: not a recording this Quorate can read: ${where}${issue?.message ?? "invalid"}`,
  );
}

/** Reads in pieces up to the cap: a device or a pipe tells no size beforehand. */
function readText(path: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, "r");
    const pieces: Buffer[] = [];
    for (let total = 0; ; ) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const length = readSync(fd, piece);
      if (length === 0) return Buffer.concat(pieces).toString("utf8");
      pieces.push(piece.subarray(0, length));
      total += length;
      if (total > RECORDING_BYTES_MAX) throw new RecordingError(`${path}: larger than ${RECORDING_BYTES_MAX} bytes`);
    }
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new RecordingError(`${path}: cannot be read (${code})`, { cause: error });
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
