import { parentPort } from "node:worker_threads";
import type { Task } from "./many.ts";
import { checkMutation, type MutationResult } from "./mutations/check-mutations.ts";
import { MUTATIONS } from "./mutations/registry.ts";
import { planOf } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

/** A mutation's result without its functions, which cannot be handed between threads. */
export type MutationAnswer = Omit<MutationResult, "mutation"> & { readonly id: string };

parentPort?.on("message", (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port is no window
  void answer(task).then((result) => parentPort?.postMessage(result));
});

async function answer({ kind, seed = 1, days = 1, without, mutation: id, seedsMax = 50 }: Task): Promise<unknown> {
  if (kind === "seed") return runPlan(planOf(seed, { days, ...(without === undefined ? {} : { without }) }));
  const mutation = MUTATIONS.find((one) => one.id === id);
  if (mutation === undefined) throw new Error(`no mutation ${id}`);
  const { mutation: _, ...rest } = await checkMutation(mutation, seedsMax);
  return { id: mutation.id, ...rest } satisfies MutationAnswer;
}
