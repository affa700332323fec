import { aboutText, clockText } from "../print.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";
import { serviceName } from "../../world/host/systemd-messages.ts";
import { UNITS } from "../../world/world.ts";

/** How far back one looks unless told otherwise: as the playbook of the review did. */
const SINCE_MS = 300_000;

export const journal: Verb = {
  id: "journal",
  usage:
    'journal node=k8s01 grep="no known leader" [unit=datastore] [since=5m]: how many such lines, the first and the last one',
  run: ({ play }, args) => {
    const node = args.text("node");
    const text = args.text("grep");
    const unit = args.textOr("unit", null);
    const role = unit === null ? null : roleOf(args, unit);
    const sinceMs = args.durationOr("since", SINCE_MS);
    args.end();
    const { host } = play.world.node(node);
    const matches = role === null ? {} : { matches: { _SYSTEMD_UNIT: serviceName(UNITS[role]) } };
    const found = host.journal
      .read({ fromMs: host.clock.nowMs() - sinceMs, ...matches })
      .filter(({ fields }) => (fields["MESSAGE"] ?? "").includes(text));
    const [first, last] = [found[0], found.at(-1)];
    if (first === undefined || last === undefined) return [`${node}: no line with "${text}"`];
    const startMs = play.driver.sim.startMs;
    const times = [first, last].map(({ realtimeMs }) => clockText(realtimeMs, startMs));
    const lines =
      found.length === 1
        ? [`${node}: 1 line, ${times[0]}`]
        : [`${node}: ${aboutText(found.length)} lines, ${times.join(" to ")}`];
    return [...lines, `  ${first.fields["MESSAGE"] ?? ""}`];
  },
};
