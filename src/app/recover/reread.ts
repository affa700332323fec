import type { Action, Refusal } from "../../core/model/action.ts";
import type { NodeSnapshot, Snapshot } from "../../core/model/snapshot.ts";
import { refuse } from "../../core/guard/rule.ts";

/**
 * Law 4: under the lock all is read again before the act. What was read before may be from the time of another holder,
 * and a voter may have died since. Names what was not read after `sinceMs`: on the node of the action whatever the
 * decision rests on, on the others what must carry the cluster meanwhile. A failed read counts: it is unknown, and the
 * guard refuses by that.
 */
export function notReadSince(snapshot: Snapshot, action: Action, sinceMs: number): readonly string[] {
  const target = snapshot.nodes.find(({ node }) => node === action.node);
  const reads: readonly (readonly [string, number | undefined])[] = [
    ...snapshot.nodes.flatMap(({ node, units }) =>
      (["datastore", "kubelite"] as const).map(
        (role) => [`the ${role} unit of ${node}`, units[role]?.observedAtMs] as const,
      ),
    ),
    ...Object.entries(snapshot.members).map(
      ([address, { reading }]) => [`dqlite member ${address}`, reading.observedAtMs] as const,
    ),
    [`the stop marker of ${action.node}`, target?.stoppedOnPurpose?.observedAtMs],
    [`the store on ${action.node}`, target?.store?.last.observedAtMs],
    [`the Watch on ${action.node}`, heardAtMs(target)],
    ...Object.entries(target?.caches ?? {}).flatMap(([name, { pending, last }]) =>
      pending === null ? [] : [[`the cache of ${name}`, last.observedAtMs] as const],
    ),
  ];
  return reads.flatMap(([what, atMs]) => (atMs === undefined || atMs <= sinceMs ? [what] : []));
}

/** The last answer of the Watch; on a stream without progress replies, the read of the store that it is held against. */
function heardAtMs(node: NodeSnapshot | undefined): number | undefined {
  if (node?.feed?.stream.known !== true) return node?.feed?.stream.observedAtMs;
  return node.feed.lastProgress?.atMs ?? node.store?.last.observedAtMs;
}

/** The refusal for taps that gave no answer at all, not even a failure, since the lock was taken; none when all did. */
export function refuseUnread(snapshot: Snapshot, action: Action, sinceMs: number): readonly Refusal[] {
  const unread = notReadSince(snapshot, action, sinceMs);
  if (unread.length === 0) return [];
  const message = `not read again under the lock: ${unread.join(", ")}`;
  return [
    refuse(
      "fresh-evidence",
      "not-read-again",
      message,
      "run it again; if it stays, quorate doctor shows which tap hangs",
    ),
  ];
}
