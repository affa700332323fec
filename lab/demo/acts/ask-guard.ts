import { tapsOf } from "../../../src/app/recover/context.ts";
import { RECOVER_TIMING as T } from "../../../src/app/recover/timing.ts";
import type { Refusal } from "../../../src/core/model/action.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import { askToRestart } from "../../quorate/ask-to-restart.ts";
import type { Cluster } from "../cluster.ts";
import type { NewDemoEvent } from "../event.ts";
import type { Stage } from "../stage.ts";
import type { Call } from "../../quorate/call.ts";
import { actByQuorate } from "./call.ts";

/** A refused host asks again so often, as Ansible's `until` with `delay: 10` does it. */
const AGAIN_MS = 10_000;

/** Who was slower by one write learns at once who was faster. */
const LOST_RACE_MS = 1000;

/** How one host of the play fared. */
export interface Asked {
  readonly node: NodeName;
  /** The rules that refused it, in the order in which they first did. */
  readonly refusedBy: readonly string[];
  readonly restartedAtMs: number | null;
}

/**
 * A play that wants to restart the datastore of several nodes at the same time, and asks Quorate before each of them:
 * guard, lock, fenced restart; the lock is given back when the ladder is whole again. A refused host asks again.
 */
export function askThenRestart(
  stage: Stage,
  cluster: Cluster,
  nodes: readonly NodeName[],
  atMostMs: number,
): Promise<readonly Asked[]> {
  const endMs = cluster.driver.sim.nowMs() + atMostMs;
  return actByQuorate(stage, cluster, {
    by: "ansible",
    say: () => undefined,
    atMostMs: atMostMs + T.restartMs + T.decideMs,
    run: (call) => Promise.all(nodes.map((node) => askUntil(call, node, endMs, (event) => cluster.tell(event)))),
  });
}

async function askUntil(
  call: Call,
  node: NodeName,
  endMs: number,
  tell: (event: NewDemoEvent) => void,
): Promise<Asked> {
  const { clock } = call.context;
  const refusedBy = new Set<string>();
  let shown = "";
  while (clock.nowMs() < endMs) {
    const refusals = await restartIfPermitted(call, node, tell);
    if (refusals === "lost-race") {
      await clock.sleep(LOST_RACE_MS);
      continue;
    }
    if (refusals.length === 0) return { node, refusedBy: [...refusedBy], restartedAtMs: clock.nowMs() };
    for (const { rule } of refusals) refusedBy.add(rule);
    const rules = refusals.map(({ rule }) => rule).join(", ");
    if (rules !== shown) {
      const lines = refusals.map(({ rule, reason, message }) => `${rule} (${reason}): ${message}`);
      tell({ kind: "quorate", text: `REFUSED the restart of the datastore on ${node}`, lines });
    }
    shown = rules;
    await clock.sleep(AGAIN_MS);
  }
  return { node, refusedBy: [...refusedBy], restartedAtMs: null };
}

async function restartIfPermitted(
  call: Call,
  node: NodeName,
  tell: (event: NewDemoEvent) => void,
): Promise<readonly Refusal[] | "lost-race"> {
  const say = (text: string) => tell({ kind: "quorate", text, lines: [] });
  const holder = `ansible/${node}`;
  const answer = await askToRestart(call, {
    node,
    role: "datastore",
    holder,
    onHeld: (token) => say(`${holder} holds the lock (fencing token ${token}); everything is read again`),
    onPermitted: () => say(`PERMITTED the restart of the datastore on ${node}`),
  });
  if (answer.asked === "refused") return answer.refusals;
  // Whoever holds it by now is named when it is asked again.
  if (answer.asked === "not-held") return "lost-race";
  const ladder = await call.observer.until((seen) => seen.state === "ok", T.proveMs);
  await tapsOf(call.context, node)?.lock.release(holder, T.lockMs);
  say(`${node} is back, every rung is ${ladder.state}; the lock is given back`);
  return [];
}
