import type { Refusal } from "../model/action.ts";
import { RULES } from "./registry.ts";
import type { GuardContext } from "./rule.ts";

/** Every refusal that stands against the action; it is permitted only when there is none. All rules are always asked. */
export function guard(context: GuardContext): readonly Refusal[] {
  return RULES.flatMap((rule) => rule.judge(context) ?? []);
}
