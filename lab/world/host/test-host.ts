import { createSim } from "../../sim/sim.ts";
import { createNetwork } from "../network.ts";
import type { Process } from "../process.ts";
import { createHost } from "./create-host.ts";
import type { UnitSpec } from "./host.ts";

export const UNIT = "snap.microk8s.daemon-k8s-dqlite";
export const START_MS = Date.UTC(2026, 5, 24, 16, 0);

/** A host with one unit, whose program ends itself `stopMs` after SIGTERM (never when null). */
export function createTestHost(change: Partial<UnitSpec> & { readonly stopMs?: number | null } = {}) {
  const driver = createSim({ seed: 1, startMs: START_MS });
  const { sim } = driver;
  const network = createNetwork(sim);
  const host = createHost({ sim, network, name: "k8s01", address: "10.0.0.1" });
  const { stopMs = 100, ...specChange } = change;
  const programs: Process[] = [];
  host.systemd.add({
    unit: UNIT,
    identifier: "microk8s.daemon-k8s-dqlite",
    program: (process) => {
      programs.push(process);
      return {
        terminate: () => {
          if (stopMs !== null) process.after(stopMs, () => process.end({ code: "exited", status: 0 }));
        },
      };
    },
    wrapperSleepMs: 6000,
    restart: "on-failure",
    restartDelayMs: 100,
    stopTimeoutMs: 30_000,
    ...specChange,
  });
  const seen: string[] = [];
  host.systemd.onChange(({ what, by, how }) => seen.push(`${what} by ${by}${how === null ? "" : ` (${how.code})`}`));
  /** Messages of systemd since the beginning, without the unit's title. */
  const messages = () =>
    host.journal
      .read({ fromMs: 0, matches: { _SYSTEMD_UNIT: "init.scope" } })
      .map((entry) =>
        (entry.fields["MESSAGE"] ?? "")
          .replace(/ - Service for snap application [^.]*[.]daemon-k8s-dqlite/, "")
          .replaceAll(`${UNIT}.service`, "UNIT"),
      );
  const state = () => {
    const { activeState, subState, result, restarts } = host.systemd.state(UNIT);
    return `${activeState}/${subState} ${result} ${restarts}`;
  };
  const runFor = (ms: number) => driver.runUntil(sim.nowMs() + ms);
  return { sim, network, host, programs, seen, messages, state, runFor };
}
