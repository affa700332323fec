import type { RecoverEnd } from "../../src/app/recover/recover.ts";
import type { Ladder } from "../../src/core/ladder/climb.ts";
import type { NodeName } from "../../src/core/model/observation.ts";
import type { JournalEntry } from "../../src/core/runbooks/journal.ts";
import type { RestartOutcome, RestartRequest } from "../../src/ports/node-taps.ts";
import type { TakeResult } from "../../src/ports/restart-lock.ts";

/** The last answer of one tap, as the emulated world gave it: before anything in Quorate could twist it. */
export interface ReadNote {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly known: boolean;
  /** The value when known, the reason when not. */
  readonly value: unknown;
}

/**
 * The last answers of all taps of one Quorate process. Keys: `NODE unit datastore`, `NODE unit kubelite`, `NODE marker`,
 * `NODE store`, `NODE lock`, `NODE cache RESOURCE`, `member ADDRESS`.
 */
export type ReadLog = ReadonlyMap<string, ReadNote>;

/** What a Quorate said and did, for invariants, scenarios and people. Times are those of the world. */
export type QuorateEvent = { readonly atMs: number; readonly quorate: string } & (
  | { readonly kind: "quorate-started" }
  | { readonly kind: "quorate-ended" }
  /** Production code threw what it must not throw: a bug. */
  | { readonly kind: "quorate-crashed"; readonly error: string }
  /** It began or ceased to observe continuously. */
  | { readonly kind: "attention"; readonly isWatching: boolean }
  /** Told when the matrix of states and reasons changed, and at the end of each one-shot doctor. */
  | { readonly kind: "ladder"; readonly ladder: Ladder; readonly isDoctor: boolean }
  | { readonly kind: "recover-began" }
  | { readonly kind: "recover-ended"; readonly end: RecoverEnd }
  /** An entry of the journal of runs is durable. */
  | { readonly kind: "entry"; readonly run: string; readonly entry: JournalEntry }
  | { readonly kind: "lock-take"; readonly node: NodeName; readonly holder: string; readonly result: TakeResult }
  | { readonly kind: "lock-release"; readonly node: NodeName; readonly holder: string; readonly isReleased: boolean }
  /** The command leaves Quorate; `reads` is what the taps had answered up to now. */
  | {
      readonly kind: "restart-asked";
      readonly node: NodeName;
      readonly request: RestartRequest;
      readonly reads: ReadLog;
    }
  | {
      readonly kind: "restart-answered";
      readonly node: NodeName;
      readonly request: RestartRequest;
      readonly outcome: RestartOutcome;
    }
  /** A request to an API server that is no read. */
  | { readonly kind: "write"; readonly node: NodeName; readonly method: string; readonly path: string }
);

/** An event before its time and Quorate are added. */
export type NewQuorateEvent = QuorateEvent extends infer One
  ? One extends QuorateEvent
    ? Omit<One, "atMs" | "quorate">
    : never
  : never;

/** The newest answer about the lock, through whichever node: it is one object, read past every cache. Null: none was known. */
export function newestLockRead(reads: ReadLog, nodes: readonly NodeName[]): ReadNote | null {
  const found = nodes.flatMap((node) => reads.get(`${node} lock`) ?? []).filter(({ known }) => known);
  return found.reduce<ReadNote | null>(
    (one, other) => (one === null || other.endedAtMs > one.endedAtMs ? other : one),
    null,
  );
}
