import type { DqliteServer, NodeName } from "../../../src/core/model/observation.ts";
import type { Port } from "../network.ts";
import type { Process } from "../process.ts";

/** How a statement that needs the raft leader came out. A statement without an answer may have happened. */
export type Statement<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** One member as its own gateway answers: its belief, which may be stale. */
export interface DqliteMemberState {
  readonly id: string;
  readonly address: string;
  readonly role: DqliteServer["role"];
  /** Whom it believes to lead; null when it knows none, and always on a stand-by or spare. */
  readonly leader: { readonly id: string; readonly address: string } | null;
  readonly servers: readonly DqliteServer[];
}

/** The member inside one node's k8s-dqlite process. */
export interface DqliteMember {
  readonly node: NodeName;
  /** TCP 19001. */
  readonly port: Port;
  /** What it answers now; a call through `port` finds out what it answers in its own time. */
  state(): DqliteMemberState;
  /** Its process has started: it joins raft as what it was. */
  boot(process: Process): void;
  /** The graceful stop: leadership and, when a stand-by can take it, the voter role are handed over; then `done`. */
  handOver(done: () => void): void;
  /**
   * Runs a statement on the leader, from this node: through the network, with the leader's single writer, its disk, and
   * BUSY when it is contended. `run` is the statement itself, at the instant it is committed (writes) or read. Waits
   * for a leader without limit; the caller has the deadline and abandons the call with the returned function: nothing is
   * answered then, and what already is with the leader, or in a batch, may still happen.
   */
  statement<T>(
    statement: { readonly kind: "read" | "write"; readonly run: () => T },
    answered: (result: Statement<T>) => void,
  ): () => void;
  /** A statement sent now would be served within milliseconds: whoever only wants to know that need not act it out. */
  readonly isQuick: boolean;
}

/** Raft over all members. */
export interface Dqlite {
  readonly members: readonly DqliteMember[];
  /** The node that really leads: it and a majority of voters agree. Null during an election. For invariants and logs. */
  leader(): NodeName | null;
  readonly term: number;
  /** Told after each change of leader. */
  onLeader(listener: (node: NodeName | null) => void): void;
  /** Statements that failed with BUSY since the beginning; how contended the writer is. */
  readonly busyCount: number;
  /** Moves leadership, as a graceful handover or an operator would. */
  transfer(to: NodeName): void;
  /** A transaction of that node takes the leader's writer and does not commit, until the returned function ends it. */
  holdWriter(from: NodeName): () => void;
}
