import type { Sim } from "../../sim/sim.ts";
import type { Process } from "../process.ts";
import type { Systemd, UnitChange } from "./host.ts";
import type { Unit, UnitHost } from "./unit.ts";
import { createUnit } from "./unit.ts";

/** What systemd needs of its host. */
export interface SystemdHost extends Omit<UnitHost, "tell"> {
  readonly sim: Sim;
  readonly name: string;
  readonly isUp: () => boolean;
  readonly spawn: (program: string) => Process;
}

export interface HostSystemd {
  readonly systemd: Systemd;
  /** The host has booted: every unit is enabled and starts. */
  boot(): void;
  /** The host has lost its power. */
  forget(): void;
  /** Of the unit's present run, or its last one; null when there is none. */
  invocationId(unit: string): string | null;
}

/** systemd of one host. On a host without power nobody hears a command. */
export function createSystemd(host: SystemdHost): HostSystemd {
  const units = new Map<string, Unit>();
  const listeners: ((change: UnitChange) => void)[] = [];

  const tell: UnitHost["tell"] = (unit, what, by, how) => {
    if (what !== "starting") host.sim.log(host.name, `${unit} ${what} by ${by}`);
    for (const listener of listeners) listener({ node: host.name, unit, what, by, how });
  };
  const unitHost: UnitHost = { ...host, tell };

  function find(name: string): Unit {
    const unit = units.get(name);
    if (unit === undefined) throw new Error(`${host.name}: Unit ${name}.service could not be found.`);
    return unit;
  }

  const systemd: Systemd = {
    add: (spec) => {
      if (units.has(spec.unit)) throw new Error(`${host.name}: there is a unit ${spec.unit} already`);
      units.set(spec.unit, createUnit(spec, unitHost));
    },
    state: (unit) => find(unit).state(),
    process: (unit) => find(unit).process(),
    start: (unit, by, done = nothing) => {
      const found = find(unit);
      if (host.isUp()) found.start(by, done);
    },
    stop: (unit, by, done = nothing) => {
      const found = find(unit);
      if (host.isUp()) found.stop(by, done);
    },
    restart: (unit, by, done = nothing) => {
      const found = find(unit);
      if (host.isUp()) found.restart(by, done);
    },
    kill: (unit, signal) => find(unit).kill(signal),
    onChange: (listener) => listeners.push(listener),
  };
  return {
    systemd,
    boot: () => {
      for (const unit of units.values()) unit.start("systemd", nothing);
    },
    forget: () => {
      for (const unit of units.values()) unit.forget();
    },
    invocationId: (unit) => units.get(unit)?.state().invocationId ?? null,
  };
}

function nothing(): void {
  // Nobody waits for it.
}
