import type { UnitState } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { commandFailure } from "../node/command-failure.ts";
import { parseUnit, UNIT_PROPERTIES } from "./parse-unit.ts";

/** Without the systemd bus (a container, another init) there are no units to read. */
const NOT_SYSTEMD = /not been booted with systemd/i;

/**
 * Reads one unit's state. A unit that is not installed is `not-found`, which is unknown and not a bad state: there is
 * nothing to restart, and the profile or the node is the wrong one. Any user may read; no root is used. Never throws.
 */
export async function readUnit(access: NodeAccess, unit: string, deadlineMs: number): Promise<Reading<UnitState>> {
  const what = `${access.name}: systemctl show ${unit}`;
  // systemctl formats times on its own side: TZ=UTC makes them readable whatever the node's zone is.
  const show = ["systemctl", "show", "--no-pager", `--property=${UNIT_PROPERTIES.join(",")}`, "--", unit];
  const result = await access.run(["env", "TZ=UTC", ...show], { deadlineMs });
  if (result.outcome !== "exited" || result.exitCode !== 0) {
    const failure = commandFailure(result, what);
    return unknown(NOT_SYSTEMD.test(result.stderr) ? "not-configured" : failure.reason, failure.message);
  }
  const parsed = parseUnit(unit, result.stdout.toString("utf8"));
  switch (parsed.kind) {
    case "unit":
      return known(parsed.state);
    case "no-such-unit":
      return unknown("not-found", `${access.name}: there is no unit ${unit}`);
    case "unreadable":
      return unknown("protocol", `${what}: ${parsed.detail}`);
  }
}
