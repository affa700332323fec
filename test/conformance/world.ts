/** A value that a question may be answered with. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The two units of a node. The datastore's process is k8s-dqlite; the apiserver lives in kubelite. */
export type Unit = "datastore" | "kubelite";

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly contentType?: string;
  /** The client's own deadline; usual 10 s. */
  readonly timeoutMs?: number;
}

/** What an apiserver answered. */
export interface Response {
  /** 0: no answer within the deadline, or nobody there. */
  readonly status: number;
  readonly ms: number;
  /** `metadata.resourceVersion` of the object or list; 0 without one. */
  readonly revision: number;
  readonly body: Json;
}

export interface UnitView {
  readonly isActive: boolean;
  /** New at each start. */
  readonly invocationId: string;
  /** The program itself runs: the wrapper's sleep is over. */
  readonly hasProgram: boolean;
}

/** An etcd Watch on a datastore's socket, from now on. What it was sent so far. */
export interface FeedWatch {
  /** The header's revision of the confirmation; null before it came. */
  readonly created: number | null;
  /** Highest revision of each batch of events. */
  readonly events: readonly number[];
  /** Header revisions of progress replies. */
  readonly progress: readonly number[];
  readonly isOpen: boolean;
  requestProgress(): void;
  close(): void;
}

/** Queries since its start, by the datastore's own counters. */
export interface Counters {
  /** Of the poll loop that feeds all watches (`after_sql_limit`). */
  readonly poll: number;
  readonly other: number;
}

/** Watch events that are held back on their way to one node's apiserver. */
export interface HeldStreams {
  /** They arrive now, and all later ones at once. */
  release(): Promise<void>;
  /** Takes away what the holding needed; may restart the node's kubelite. */
  close(): Promise<void>;
}

/** Three control-plane nodes, real or emulated, as somebody with all rights on them sees and handles them. */
export interface ConformanceWorld {
  readonly nodes: readonly string[];
  nowMs(): number;
  pass(ms: number): Promise<void>;
  /** The dqlite leader in whom a majority of these members believes (and itself, when it is among them); null: none. */
  leaderBy(members: readonly string[]): Promise<string | null>;
  ask(node: string, request: Request): Promise<Response>;
  /** The store's revision by a Range on that node's datastore; null when it does not answer within 2 s. */
  storeRevision(node: string): Promise<number | null>;
  watch(node: string, prefix: string): Promise<FeedWatch>;
  /** Null when its datastore does not answer. */
  counters(node: string): Promise<Counters | null>;
  /** SIGSTOP; the returned function is SIGCONT. */
  pause(node: string, program: "datastore" | "apiserver"): Promise<() => Promise<void>>;
  /** SIGKILL of the unit's program. */
  kill(node: string, unit: Unit): Promise<void>;
  /** Resolves when `systemctl restart` returns. */
  restart(node: string, unit: Unit): Promise<void>;
  unit(node: string, unit: Unit): Promise<UnitView>;
  holdStreams(node: string): Promise<HeldStreams>;
}
