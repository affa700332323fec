import { RULES } from "../../../src/core/guard/registry.ts";
import type { Rule } from "../../../src/core/guard/rule.ts";
import type { Seams } from "../../quorate/start.ts";
import type { Mutation } from "./mutation.ts";

/** The guard without some of its rules. */
export const GUARD_MUTATIONS: readonly Mutation[] = [
  {
    id: "no-quorum-rule",
    what: "the guard does not count voters",
    expected: ["voter-majority"],
    kinds: ["poll-death", "snap-refresh"],
    seams: without("quorum"),
  },
  {
    id: "no-one-at-a-time-rule",
    what: "the guard does not see restarts that others have just made",
    expected: ["one-at-a-time"],
    kinds: ["poll-death", "bare-restart"],
    seams: without("one-at-a-time"),
  },
  {
    id: "no-unknown-rung-rule",
    what: "the guard takes what could not be read for healthy",
    expected: ["unknown-refuses", "voter-majority"],
    kinds: ["poll-death", "power-loss", "partition"],
    seams: without("unknown-rung", "quorum"),
  },
  {
    id: "no-budget-rule",
    what: "the guard counts no past restarts",
    expected: ["budgets"],
    kinds: ["poll-death"],
    minutes: 60,
    seams: without("budget"),
  },
  {
    id: "no-writer-contended-rule",
    what: "the guard permits a restart while writes already fail",
    expected: ["no-idle-writes"],
    kinds: ["write-storm", "poll-death"],
    seams: without("writer-contended"),
  },
  {
    id: "starts-what-is-down",
    what: "a unit that is down is started, whoever stopped it",
    expected: ["stopped-stays-stopped"],
    kinds: ["person-stops-node"],
    seams: {
      wrapTaps: (taps, { world }) => ({
        ...taps,
        readUnit: async (role, deadlineMs) => {
          const reading = await taps.readUnit(role, deadlineMs);
          const isDown = reading.known && reading.value.activeState === "inactive";
          if (isDown) world.node(taps.node).host.systemd.start(reading.value.unit, "quorate/quorate");
          return reading;
        },
      }),
    },
  },
];

function without(...ids: readonly string[]): Seams {
  const rules: readonly Rule[] = RULES;
  return { rules: rules.filter(({ id }) => !ids.includes(id)) };
}
