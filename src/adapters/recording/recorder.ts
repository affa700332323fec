import { closeSync, openSync, writeSync } from "node:fs";
import type { Observation } from "../../core/model/observation.ts";
import { type RecordingHeader, recordingLine } from "../../core/recording/recording.ts";

/** Writes a recording while it happens: each observation is in the file when `write` returns. */
export interface Recorder {
  readonly write: (observation: Observation) => void;
  close(): void;
}

/** The recording cannot be written; the message is for an operator. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/** Creates the file (mode 0600; an existing one is refused, not overwritten). Throws RecordingError. */
export function openRecorder(path: string, header: RecordingHeader): Recorder {
  let fd: number | null = attempt(path, () => openSync(path, "wx", 0o600));
  const put = (text: string) => {
    if (fd !== null) attempt(path, () => writeSync(fd ?? -1, text));
  };
  put(recordingLine(header));
  return {
    write: (observation) => put(recordingLine(observation)),
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    const what = code === "EEXIST" ? "it exists already; choose another name" : `cannot be written (${code})`;
    throw new RecordingError(`recording ${path}: ${what}`, { cause: error });
  }
}
