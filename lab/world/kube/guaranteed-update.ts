import type { TxnRequest } from "../datastore/datastore.ts";
import type { Deadline } from "./deadlines.ts";
import { isEqual } from "./equal.ts";
import { decode, encode, type KubeObject, revisionOf } from "./object.ts";
import type { Respond } from "./reads.ts";
import { type Reply, storeError } from "./status.ts";
import type { StoreLink } from "./store-link.ts";

/** What is to become of an object. */
export type Decision =
  | { readonly kind: "write"; readonly object: KubeObject; readonly status?: number }
  /** `body` is what the client is told of it. */
  | { readonly kind: "delete"; readonly body: Reply["body"] }
  | { readonly kind: "refuse"; readonly reply: Reply };

export interface Update {
  readonly link: StoreLink;
  readonly key: string;
  readonly deadline: Deadline;
  readonly ttlMs: number | null;
  /** From the watch cache: perhaps old, so only a first guess. Undefined: the store is asked first. */
  readonly guess: KubeObject | undefined;
  /** Called again with a newer state when the one it judged had changed meanwhile. Null: there is none. */
  readonly decide: (current: KubeObject | null) => Decision;
}

/**
 * apiserver etcd3 store.go, GuaranteedUpdate: a compare-and-swap that begins with what the cache says. What looks like a
 * refusal on the strength of the cache alone is judged again on the store's own state, so a frozen cache costs a read.
 */
export function guaranteedUpdate(update: Update, respond: Respond): void {
  const { link, key, deadline, guess, decide } = update;

  function readStore(): void {
    link.range({ key }, deadline, (answer) => {
      if (deadline.isOver) return;
      if (!answer.ok) return respond(storeError(answer.error));
      const [found] = answer.value.objects;
      attempt(found === undefined ? null : decode(found.value, found.modRevision), true);
    });
  }

  function attempt(current: KubeObject | null, isCertain: boolean): void {
    const decision = decide(current);
    if (decision.kind === "refuse") return isCertain ? respond(decision.reply) : readStore();
    if (decision.kind === "delete" && current === null) return respond({ status: 200, body: decision.body });
    if (decision.kind === "write" && current !== null && isUnchanged(decision.object, current)) {
      // Nothing would change: nothing is written, once that is certain.
      return isCertain ? respond({ status: decision.status ?? 200, body: current }) : readStore();
    }
    const expectedRevision = current === null ? 0 : revisionOf(current);
    const stored = decision.kind === "write" ? encode(decision.object) : null;
    link.txn(requestOf(update, expectedRevision, stored), deadline, (answer) => {
      if (deadline.isOver) return;
      if (!answer.ok) return respond(storeError(answer.error));
      const { value } = answer;
      if (!value.succeeded) {
        const now = value.current;
        return attempt(now === null ? null : decode(now.value, now.modRevision), true);
      }
      if (decision.kind === "delete") return respond({ status: 200, body: decision.body });
      const status = decision.status ?? (current === null ? 201 : 200);
      respond({ status, body: decode(stored, value.revision) });
    });
  }

  if (guess === undefined) readStore();
  else attempt(guess, false);
}

/** The spec is looked at first: in a Lease it is what changes. */
function isUnchanged(next: KubeObject, current: KubeObject): boolean {
  return isEqual(next.spec, current.spec) && isEqual(next.status, current.status) && isEqual(next, current);
}

function requestOf({ key, ttlMs }: Update, expectedRevision: number, stored: KubeObject | null): TxnRequest {
  if (stored === null) return { op: "delete", key, expectedRevision };
  const op = expectedRevision === 0 ? "create" : "update";
  return { op, key, value: stored, expectedRevision, ...(ttlMs === null ? {} : { ttlMs }) };
}
