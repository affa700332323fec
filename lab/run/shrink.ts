import type { Plan } from "./plan.ts";
import type { Result } from "./result.ts";

/** The fewest faults that still break the same invariant, by their places in the plan. */
export interface Shrunk {
  readonly only: readonly number[];
  readonly result: Result;
  readonly runs: number;
}

/**
 * Leaves faults out for as long as the same invariant breaks: first halves, then one by one. A fault's acts are drawn when
 * it is planned, so the rest happens as before.
 */
export async function shrink(
  failed: Result,
  run: (plan: Plan) => Promise<Result>,
  onTry: (left: number) => void = () => undefined,
): Promise<Shrunk> {
  const { plan, found } = failed;
  if (found === null) throw new Error("a run without a violation has nothing to shrink");
  let kept = plan.faults.map((_, at) => at).filter((at) => (plan.faults[at]?.atMs ?? 0) <= found.atMs);
  let result = failed;
  let runs = 0;

  async function stillBreaks(only: readonly number[]): Promise<boolean> {
    runs += 1;
    const faults = plan.faults.filter((_, at) => only.includes(at));
    const tried = await run({ ...plan, faults });
    if (tried.found?.invariant !== found?.invariant) return false;
    result = tried;
    return true;
  }

  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (without.length < kept.length && (await stillBreaks(without))) kept = without;
      else from += size;
      onTry(kept.length);
    }
  }
  return { only: kept, result, runs };
}
