import type { NodeName } from "../../../src/core/model/observation.ts";
import type { UnitChange } from "../../world/host/host.ts";
import {
  type Invariant,
  type LabEvent,
  quorateOf,
  restartBy,
  UNSEEN_MS,
  type Violation,
  violation,
} from "../invariant.ts";

/** A unit that started less than this ago has not stabilised: the guard's own number, written down a second time. */
const STABILISED_MS = 60_000;

interface Act {
  readonly quorate: string;
  readonly node: NodeName;
  readonly token: number;
}

/**
 * Law 2. At each restart by a Quorate nothing else was on its way on another node, whoever began it; the lock was its own;
 * and its fencing token was not older than one that the node had seen.
 */
export const oneAtATime: Invariant = {
  id: "one-at-a-time",
  title: "one disruption in flight, under the lock, with a token that the node accepts",
  law: 2,
  create: ({ truth }) => {
    /** Per node: the last change that somebody caused, by the world's clock. */
    const changes = new Map<NodeName, { readonly atMs: number; readonly change: UnitChange }>();
    const asked = new Map<string, Act>();
    const tokenSeenMs = new Map<number, number>();
    const fence = new Map<NodeName, number>();

    function look(nowMs: number): void {
      const lock = truth.lock();
      if (lock !== null && lock.holder !== "") tokenSeenMs.set(lock.token, nowMs);
    }

    function judge(event: LabEvent & { readonly kind: "unit" }): Violation | null {
      const act = restartBy(event);
      if (act === null) return null;
      const { node } = act.change;
      for (const [other, { atMs, change }] of changes) {
        const agoMs = event.atMs - atMs;
        if (other === node || agoMs >= STABILISED_MS || agoMs < UNSEEN_MS) continue;
        return violation(
          `${act.quorate} restarted ${act.change.unit} on ${node} ${Math.round(agoMs / 1000)} s after ${change.unit} on ${other} was ${change.what} by ${change.by}`,
        );
      }
      const request = asked.get(`${act.quorate} ${node}`);
      if (request === undefined)
        return violation(`${act.quorate} restarted ${act.change.unit} on ${node} without asking`);
      const heldAgoMs = event.atMs - (tokenSeenMs.get(request.token) ?? Number.NEGATIVE_INFINITY);
      if (heldAgoMs > UNSEEN_MS) {
        return violation(`${act.quorate} restarted ${node} with token ${request.token}, which is not the lock's`);
      }
      const seen = fence.get(node) ?? 0;
      fence.set(node, Math.max(seen, request.token));
      if (request.token >= seen) return null;
      return violation(`${act.quorate} restarted ${node} with token ${request.token}, and the node had seen ${seen}`);
    }

    return {
      check: () => {
        look(truth.nowMs());
        return null;
      },
      onEvent: (event) => {
        if (event.kind === "restart-asked") {
          asked.set(`${event.quorate} ${event.node}`, {
            quorate: event.quorate,
            node: event.node,
            token: event.request.token,
          });
        }
        look(event.atMs);
        if (event.kind !== "unit") return null;
        const found = judge(event);
        if (isSomebodys(event.change)) changes.set(event.change.node, { atMs: event.atMs, change: event.change });
        return found;
      },
    };
  },
};

/** Not systemd's own restarts: above a dead feed kubelite ends every 38 s by itself, which must not keep the cure away. */
function isSomebodys(change: UnitChange): boolean {
  return quorateOf(change) !== null || change.by === "ansible" || change.by === "operator" || change.by === "snapd";
}
