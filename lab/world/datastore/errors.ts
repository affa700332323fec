import type { RangeQuery, TxnRequest } from "./datastore.ts";

/** Texts of k8s-dqlite and of the etcd client, verbatim. */

/** What the etcd client makes of its own deadline. */
export const DEADLINE_ERROR = "context deadline exceeded";
export const COMPACTED_ERROR = "etcdserver: mvcc: required revision has been compacted";
export const FUTURE_ERROR = "etcdserver: mvcc: required revision is a future revision";
export const UNHEALTHY_ERROR = "etcdserver: unhealthy cluster";

/** An error of the server that has no code of its own. */
export function unknownError(text: string): string {
  return `rpc error: code = Unknown desc = ${text}`;
}

export function rangeLine({ key, isPrefix }: RangeQuery, error: string): string {
  return `error while range on ${key} ${isPrefix === true ? rangeEnd(key) : ""}: ${error}`;
}

/** From 1.8 on the error tells operation and key; before, only what the driver said. */
export function txnError({ op, key }: TxnRequest, error: string, tellsKey: boolean): string {
  return tellsKey ? `${op} transaction failed for key ${key}: ${error}` : error;
}

/** The end of a prefix's range: its last character is the next one. */
function rangeEnd(prefix: string): string {
  const last = prefix.length - 1;
  return `${prefix.slice(0, last)}${String.fromCharCode(prefix.charCodeAt(last) + 1)}`;
}
