import type { Json } from "../../../world/datastore/datastore.ts";
import type { KubeObject } from "../../../world/kube/object.ts";

/** One column of a printed table. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean";
  /** Shown only with `-o wide`. */
  readonly isWide: boolean;
  readonly cell: (object: KubeObject, nowMs: number) => Json;
}

type Cell = Column["cell"];

export function column(name: string, cell: Cell): Column {
  return { name, type: "string", isWide: false, cell };
}

export function integer(name: string, cell: Cell): Column {
  return { name, type: "integer", isWide: false, cell };
}

export function wide(name: string, cell: Cell): Column {
  return { name, type: "string", isWide: true, cell };
}
