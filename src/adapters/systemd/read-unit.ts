import type { UnitState } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { commandFailure } from "../node/command-failure.ts";
import { parseUnit, UNIT_PROPERTIES } from "./parse-unit.ts";

/** Without the systemd bus (a container, another init) there are no units to read. */
const NOT_SYSTEMD = /not been booted with systemd/i;

/** Milliseconds since the epoch first, then the command. A `date` that has no %N prints something else: no shift then. */
const SAY_TIME = 'date +%s%3N; exec "$@"';

/**
 * Reads one unit's state. A unit that is not installed is `not-found`, which is unknown and not a bad state: there is
 * nothing to restart, and the profile or the node is the wrong one. Any user may read; no root is used. Never throws.
 *
 * The node says its own time with it, and the unit's start is handed on by our clock: ours may be wrong by hours, and
 * a unit that has just started must not look as if it had run for long.
 */
export async function readUnit(
  access: NodeAccess,
  unit: string,
  { deadlineMs, clock }: { readonly deadlineMs: number; readonly clock: Pick<Clock, "nowMs"> },
): Promise<Reading<UnitState>> {
  const what = `${access.name}: systemctl show ${unit}`;
  // systemctl formats times on its own side: TZ=UTC makes them readable whatever the node's zone is.
  const show = ["systemctl", "show", "--no-pager", `--property=${UNIT_PROPERTIES.join(",")}`, "--", unit];
  const result = await access.run(["env", "TZ=UTC", "sh", "-c", SAY_TIME, "quorate-unit", ...show], { deadlineMs });
  if (result.outcome !== "exited" || result.exitCode !== 0) {
    const failure = commandFailure(result, what);
    return unknown(NOT_SYSTEMD.test(result.stderr) ? "not-configured" : failure.reason, failure.message);
  }
  const text = result.stdout.toString("utf8");
  const parsed = parseUnit(unit, text);
  switch (parsed.kind) {
    case "unit":
      return known(byOurClock(parsed.state, text, clock.nowMs()));
    case "no-such-unit":
      return unknown("not-found", `${access.name}: there is no unit ${unit}`);
    case "unreadable":
      return unknown("protocol", `${what}: ${parsed.detail}`);
  }
}

function byOurClock(unit: UnitState, text: string, nowMs: number): UnitState {
  const nodeNowMs = /^\d{13}$/m.exec(text)?.[0];
  if (nodeNowMs === undefined || unit.activeEnterAtMs === null) return unit;
  return { ...unit, activeEnterAtMs: unit.activeEnterAtMs + (nowMs - Number(nodeNowMs)) };
}
