import type { Refusal } from "../model/action.ts";
import { RULES } from "./registry.ts";
import type { GuardContext, Rule } from "./rule.ts";

/**
 * Every refusal that stands against the action; it is permitted only when there is none. All rules are always asked; other
 * ones than all are for trials that must show a broken rule to be caught.
 */
export function guard(context: GuardContext, rules: readonly Rule[] = RULES): readonly Refusal[] {
  return rules.flatMap((rule) => rule.judge(context) ?? []);
}
