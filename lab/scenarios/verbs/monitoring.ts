import type { NodeName } from "../../../src/core/model/observation.ts";
import { checkNode, type CheckResult } from "../monitoring/checks.ts";
import { drawColumns } from "../print.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";

export const monitoring: Verb = {
  id: "monitoring",
  usage:
    "monitoring | monitoring watch [every=5m]: what the review's own checks say now, or from now on in the timeline",
  run: async ({ play }, args) => {
    const isWatching = args.wordIf("watch") !== null;
    const everyMs = args.durationOr("every", 300_000);
    args.end();
    const nodes = play.world.nodes.map(({ name }) => name);
    if (isWatching) {
      for (const node of nodes) void watch(play, node, everyMs);
      return [`${play.now()} Nagios asks every node from now on`];
    }
    const results = await play.drive(Promise.all(nodes.map((node) => checkNode(play, node))));
    return drawResults(results);
  },
};

/** A row per check, a column per node; an OK says nothing more. */
function drawResults(results: readonly (readonly CheckResult[])[]): readonly string[] {
  const [first = []] = results;
  const head = ["CHECK", ...results.map(([one]) => one?.node ?? "")];
  const rows = first.map(({ check }, at) => [
    check,
    ...results.map((node) => {
      const one = node[at] as CheckResult;
      return one.state === "OK" ? "OK" : `${one.state} (${one.text})`;
    }),
  ]);
  return drawColumns([head, ...rows]);
}

/** Asks again and again, and tells of each change. */
async function watch(play: Play, node: NodeName, everyMs: number): Promise<void> {
  const { sim } = play.driver;
  const last = new Map<string, CheckResult["state"]>();
  for (;;) {
    for (const { check, state, text } of await checkNode(play, node)) {
      if ((last.get(check) ?? "OK") !== state) sim.log("nagios", `${check} on ${node} ${state}: ${text}`);
      last.set(check, state);
    }
    await sim.clock.sleep(everyMs);
  }
}
