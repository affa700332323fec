import { startReviewMonitoring } from "../../world/actors/review-monitoring.ts";
import { type CheckResult, checkNode } from "../monitoring/checks.ts";
import { clockText, drawColumns, roughly } from "../print.ts";
import type { Play } from "../stage.ts";
import type { Verb } from "../verb.ts";

export const monitoring: Verb = {
  id: "monitoring",
  usage:
    "monitoring | monitoring watch | monitoring alerts: what the review's own checks say now; Nagios asks them from now on; when it told somebody",
  run: async ({ play }, args) => {
    const what = args.wordIf("watch", "alerts");
    args.end();
    if (what === "watch") {
      play.nagios ??= startReviewMonitoring(play.world);
      return [`${play.now()} Nagios asks all nodes from now on`];
    }
    if (what === "alerts") return drawAlerts(play);
    const results = await play.drive(Promise.all(play.world.nodes.map((node) => checkNode(play, node))));
    return drawResults(play, results);
  },
};

/** A row per check, a column per node; an OK says nothing more. */
function drawResults({ world }: Play, results: readonly (readonly CheckResult[])[]): readonly string[] {
  const [first = []] = results;
  const head = ["CHECK", ...world.nodes.map(({ name }) => name)];
  const rows = first.map(({ check }, at) => [
    check,
    ...results.map((node) => {
      const one = node[at] as CheckResult;
      return one.state === "OK" ? "OK" : `${one.state} (${roughly(one.text)})`;
    }),
  ]);
  return drawColumns([head, ...rows]);
}

/** People are told of a hard CRITICAL: the third in a row. */
function drawAlerts({ nagios, driver }: Play): readonly string[] {
  if (nagios === null) return ["Nagios does not run"];
  const { startMs } = driver.sim;
  const alerts = nagios.alerts(startMs);
  if (alerts.length === 0) return ["Nagios has told nobody of anything"];
  return alerts.map(
    ({ atMs, check, node, text }) => `${clockText(atMs, startMs)} ${check} on ${node} CRITICAL: ${roughly(text)}`,
  );
}
