import { tapsOf } from "../../src/app/recover/context.ts";
import { decide } from "../../src/app/recover/decide.ts";
import { RECOVER_TIMING as T } from "../../src/app/recover/timing.ts";
import { RULES } from "../../src/core/guard/registry.ts";
import type { Action, Refusal } from "../../src/core/model/action.ts";
import type { NodeName, UnitRole } from "../../src/core/model/observation.ts";
import type { RestartOutcome } from "../../src/ports/node-taps.ts";
import type { TakeResult } from "../../src/ports/restart-lock.ts";
import { UNITS } from "../world/world.ts";
import type { Call } from "./call.ts";

/** A restart for maintenance cures nothing, so the one rule that asks for a cause is not asked. All others are. */
const RULES_FOR_MAINTENANCE = RULES.filter(({ id }) => id !== "lowest-rung");

export type AskedRestart =
  | { readonly asked: "refused"; readonly refusals: readonly Refusal[] }
  | { readonly asked: "not-held"; readonly taken: Exclude<TakeResult, { readonly outcome: "held" }> }
  /** The lock is still held: it is given back when the cluster has stabilised. */
  | { readonly asked: "done"; readonly outcome: RestartOutcome["outcome"] };

export interface RestartAsk {
  readonly node: NodeName;
  readonly role: UnitRole;
  readonly holder: string;
  readonly onHeld?: (token: number) => void;
  readonly onPermitted?: () => void;
}

/** A restart for maintenance as whoever asks Quorate makes it: guard, lock, everything read again, fenced restart. */
export async function askToRestart({ context }: Call, ask: RestartAsk): Promise<AskedRestart> {
  const { node, role, holder } = ask;
  const taps = tapsOf(context, node);
  if (taps === null) throw new Error(`no node ${node}`);
  const action: Action = { kind: "restart-unit", node, role, unit: UNITS[role] };
  const asked = { ...context, rules: RULES_FOR_MAINTENANCE };
  const first = await decide(asked, taps, action, { holder, token: null });
  if (first.refusals.length > 0) return { asked: "refused", refusals: first.refusals };
  const taken = await taps.lock.take(holder, T.lockMs);
  if (taken.outcome !== "held") return { asked: "not-held", taken };
  const { token } = taken;
  ask.onHeld?.(token);
  const { refusals, invocationId } = await decide(asked, taps, action, { holder, token });
  if (refusals.length > 0 || invocationId === null) {
    await taps.lock.release(holder, T.lockMs);
    return { asked: "refused", refusals };
  }
  ask.onPermitted?.();
  const { outcome } = await taps.restart({ role, expectedInvocationId: invocationId, token, deadlineMs: T.restartMs });
  return { asked: "done", outcome };
}
