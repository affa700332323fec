import { tapsOf } from "../../../src/app/recover/context.ts";
import { decide } from "../../../src/app/recover/decide.ts";
import { RECOVER_TIMING as T } from "../../../src/app/recover/timing.ts";
import { RULES } from "../../../src/core/guard/registry.ts";
import type { Action, Refusal } from "../../../src/core/model/action.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import { UNITS } from "../../world/world.ts";
import type { Cluster } from "../cluster.ts";
import type { NewDemoEvent } from "../event.ts";
import type { Stage } from "../stage.ts";
import type { Call } from "../../quorate/call.ts";
import { actByQuorate } from "./call.ts";

/** A restart for maintenance cures nothing, so the one rule that asks for a cause is not asked. All others are. */
const RULES_FOR_MAINTENANCE = RULES.filter(({ id }) => id !== "lowest-rung");

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
  { context, observer }: Call,
  node: NodeName,
  tell: (event: NewDemoEvent) => void,
): Promise<readonly Refusal[] | "lost-race"> {
  const taps = tapsOf(context, node);
  if (taps === null) throw new Error(`no node ${node}`);
  const action: Action = { kind: "restart-unit", node, role: "datastore", unit: UNITS.datastore };
  const holder = `ansible/${node}`;
  const asked = { ...context, rules: RULES_FOR_MAINTENANCE };
  const first = await decide(asked, taps, action, { holder, token: null });
  if (first.refusals.length > 0) return first.refusals;
  const taken = await taps.lock.take(holder, T.lockMs);
  // Whoever holds it by now is named when it is asked again.
  if (taken.outcome !== "held") return "lost-race";
  const { token } = taken;
  tell({
    kind: "quorate",
    text: `${holder} holds the lock (fencing token ${token}); everything is read again`,
    lines: [],
  });
  const second = await decide(asked, taps, action, { holder, token });
  const { invocationId } = second;
  if (second.refusals.length > 0 || invocationId === null) {
    await taps.lock.release(holder, T.lockMs);
    return second.refusals;
  }
  tell({ kind: "quorate", text: `PERMITTED the restart of the datastore on ${node}`, lines: [] });
  const request = { role: "datastore", expectedInvocationId: invocationId, token, deadlineMs: T.restartMs } as const;
  await taps.restart(request);
  const ladder = await observer.until((seen) => seen.state === "ok", T.proveMs);
  await taps.lock.release(holder, T.lockMs);
  tell({ kind: "quorate", text: `${node} is back, every rung is ${ladder.state}; the lock is given back`, lines: [] });
  return [];
}
