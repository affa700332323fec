import { lastOf } from "../../../src/core/runbooks/journal.ts";
import { type Invariant, violation } from "../invariant.ts";

/** Law 6, first half. When a restart command leaves, the intent with the same token and InvocationID is durable. */
export const intentFirst: Invariant = {
  id: "intent-first",
  title: "the intent is durable before the act",
  law: 6,
  create: ({ quorates }) => ({
    onEvent: (event) => {
      if (event.kind !== "restart-asked") return null;
      const { quorate, node, request } = event;
      const runs = quorates.find(({ name }) => name === quorate)?.runs() ?? [];
      const run = runs.find(({ entries }) => {
        const intent = entries.at(-1);
        return (
          lastOf(entries, "opened")?.node === node &&
          intent?.kind === "act-intent" &&
          intent.role === request.role &&
          intent.token === request.token &&
          intent.expectedInvocationId === request.expectedInvocationId
        );
      });
      if (run !== undefined) return null;
      return violation(
        `${quorate} asked for a restart of the ${request.role} unit of ${node} without a durable intent for it`,
      );
    },
  }),
};
