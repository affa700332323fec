import type { UnitRole } from "../../src/core/model/observation.ts";
import type { UnitChange } from "../world/host/host.ts";
import { UNITS, type World } from "../world/world.ts";
import type { Act, Outage } from "./record.ts";

/** A person's hands, as the emulated systemd knows them: ssh, and Quorate's fenced restart. */
const PERSON = /^(operator|quorate)/;

/** A stop and a start of the same hand within this are a restart. */
const RESTART_MS = 120_000;

/** Follows what a person does to units. */
export function watchActs(world: World): readonly Act[] {
  const acts: Act[] = [];
  const see = ({ node, unit, what, by }: UnitChange): void => {
    const role = (Object.keys(UNITS) as UnitRole[]).find((one) => UNITS[one] === unit);
    if (role === undefined || !PERSON.test(by)) return;
    const atMs = world.sim.nowMs();
    if (what === "stopping") acts.push({ atMs, node, role, what: "stop" });
    if (what !== "started") return;
    const last = acts.findLastIndex((act) => act.node === node && act.role === role);
    const before = acts[last];
    if (before?.what === "stop" && atMs - before.atMs < RESTART_MS) acts[last] = { ...before, what: "restart" };
    else acts.push({ atMs, node, role, what: "start" });
  };
  for (const { host } of world.nodes) host.systemd.onChange(see);
  return acts;
}

/** Follows the times without a leader; the returned function gives them, with one that lasts ending now. */
export function watchOutages({ sim, dqlite }: World): () => readonly Outage[] {
  const outages: Outage[] = [];
  let fromMs: number | null = dqlite.leader() === null ? sim.nowMs() : null;
  dqlite.onLeader((leader) => {
    if (leader === null) fromMs ??= sim.nowMs();
    else if (fromMs !== null) {
      outages.push({ fromMs, toMs: sim.nowMs() });
      fromMs = null;
    }
  });
  return () => (fromMs === null ? outages : [...outages, { fromMs, toMs: sim.nowMs() }]);
}
