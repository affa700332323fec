import type { Args } from "./args.ts";
import type { Stage } from "./stage.ts";

/** What a line of a scenario may say. One file each in `verbs/`. */
export interface Verb {
  /** Equal to the file's name. */
  readonly id: string;
  /** How it is written, and in one sentence what it does. */
  readonly usage: string;
  /** The lines that it prints; virtual time may pass meanwhile. Blank lines are not possible. */
  readonly run: (stage: Stage, args: Args) => Promise<readonly string[]> | readonly string[];
}
