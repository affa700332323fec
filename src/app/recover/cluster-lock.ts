import type { NodeName } from "../../core/model/observation.ts";
import type { Snapshot } from "../../core/model/snapshot.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import type { RestartLock } from "../../ports/restart-lock.ts";
import type { RecoverContext } from "./context.ts";

/**
 * The cluster's restart lock, through the target node's own apiserver first, then through those of the other members of
 * the same datastore: above a dead feed a kubelite that lost its Lease restarts every 38 s, and its apiserver with it.
 * The lock is one object read and written past every cache, so each way leads to the same truth; a write that was not
 * answered may have happened, and taking it again as the same holder through another way finds that out.
 */
export function clusterLock(context: RecoverContext, target: NodeTaps): RestartLock {
  const ways = (): readonly NodeTaps[] => {
    const peers = peersOf(context.observer.snapshot(), target.node);
    return [target, ...context.nodes.filter(({ node }) => peers.has(node))];
  };
  return {
    read: async (deadlineMs) => {
      const first = await target.lock.read(deadlineMs);
      if (first.known) return first;
      for (const { lock } of ways().slice(1)) {
        const reading = await lock.read(deadlineMs);
        if (reading.known) return reading;
      }
      return first;
    },
    take: async (holder, deadlineMs) => {
      const details: string[] = [];
      for (const { lock } of ways()) {
        const taken = await lock.take(holder, deadlineMs);
        if (taken.outcome !== "unknown") return taken;
        details.push(taken.detail);
      }
      return { outcome: "unknown", detail: details.join("; ") };
    },
    release: async (holder, deadlineMs) => {
      for (const { lock } of ways()) if (await lock.release(holder, deadlineMs)) return true;
      return false;
    },
  };
}

/**
 * The other observed nodes whose own member is listed beside the target's by a member of the target's cluster: a node
 * of another cluster, named by mistake, has another lock.
 */
function peersOf(snapshot: Snapshot, target: NodeName): ReadonlySet<NodeName> {
  const own = snapshot.nodes.find(({ node }) => node === target)?.ownMember;
  const lists = Object.values(snapshot.members).flatMap(({ reading }) =>
    reading.known ? [reading.value.servers] : [],
  );
  const cluster = lists.find((servers) => servers.some(({ address }) => address === own)) ?? [];
  const addresses = new Set(cluster.map(({ address }) => address));
  const isPeer = ({ node, ownMember }: Snapshot["nodes"][number]) =>
    node !== target && ownMember !== null && addresses.has(ownMember);
  return new Set(snapshot.nodes.filter(isPeer).map(({ node }) => node));
}
