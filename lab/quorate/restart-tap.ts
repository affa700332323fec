import { known, type Reading } from "../../src/core/model/observed.ts";
import type { NodeTaps, RestartOutcome, RestartRequest } from "../../src/ports/node-taps.ts";
import { UNITS } from "../world/world.ts";
import type { NewQuorateEvent, ReadLog } from "./events.ts";
import { runRestartScript, type ScriptEnd } from "./restart.ts";
import type { TapScene } from "./scene.ts";

interface Parts extends TapScene {
  readonly by: string;
  readonly onEvent: (event: NewQuorateEvent) => void;
  readonly reads: ReadLog;
}

/** The fenced restart of a unit on the node: first its uptime is read, then the script runs there. Never throws. */
export function restartTap(parts: Parts): NodeTaps["restart"] {
  const { node, onEvent, reads } = parts;
  return async (request) => {
    onEvent({ kind: "restart-asked", node: node.name, request, reads });
    const outcome = await restart(parts, request);
    onEvent({ kind: "restart-answered", node: node.name, request, outcome });
    return outcome;
  };
}

async function restart(parts: Parts, request: RestartRequest): Promise<RestartOutcome> {
  const { sim, life, reach, node, by } = parts;
  const { host, name } = node;
  const unit = UNITS[request.role];
  const what = `${name}: restart of ${unit}`;
  const startedMs = life.clock.monotonicMs();
  const uptime = await reach.read<number>(what, request.deadlineMs, (answer) =>
    reach.onNode((back) => {
      const uptimeMs = sim.nowMs() - host.bootedAtMs;
      back(() => answer(known(uptimeMs)));
    }),
  );
  if (!uptime.known) return { outcome: "failed", detail: `${uptime.detail} (nothing was done)` };
  const leftMs = request.deadlineMs - (life.clock.monotonicMs() - startedMs);
  const latestUptimeMs = uptime.value + request.deadlineMs;
  let isSent = false;
  const end: Reading<ScriptEnd> = await reach.read<ScriptEnd>(what, leftMs, (answer) => {
    isSent = true;
    reach.onNode((back, isUp) =>
      runRestartScript({
        sim,
        host,
        unit,
        request,
        by: `quorate/${by}`,
        latestUptimeMs,
        isUp,
        ended: (value) => back(() => answer(known(value))),
      }),
    );
  });
  if (end.known) return end.value;
  if (!isSent) return { outcome: "failed", detail: `${end.detail} (nothing was done)` };
  return { outcome: "indeterminate", detail: `${end.detail}: it may have happened` };
}
