import type { NodeName, Observation } from "../model/observation.ts";

/** Version of the recording format; a reader refuses others. */
export const RECORDING_VERSION = 1;

/** First line of a recording. The file is NDJSON: this line, then one observation a line, in the order they were made. */
export interface RecordingHeader {
  readonly format: "quorate-recording";
  readonly version: typeof RECORDING_VERSION;
  /** Version of Quorate that wrote it. */
  readonly quorate: string;
  readonly profile: string;
  readonly startedAtMs: number;
  readonly nodes: readonly NodeName[];
  /** One line for people, for example what was done to the cluster meanwhile. */
  readonly note?: string;
}

export interface Recording {
  readonly header: RecordingHeader;
  readonly observations: readonly Observation[];
}

/** One line of the file, with its newline. */
export function recordingLine(part: RecordingHeader | Observation): string {
  return `${JSON.stringify(part)}\n`;
}
