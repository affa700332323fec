import type { UnitState } from "../../../src/core/model/observation.ts";
import type { Command, CommandIo, Machine } from "./machine.ts";

/** `systemctl show` over D-Bus on an idle node. */
const SHOW_MS = 8;

/** systemctl's exit codes: LSB's for a unit that is not active and for one that is not there. */
const EXIT = { failed: 1, notActive: 3, noSuchUnit: 5 } as const;

const ACTS = ["start", "stop", "restart"] as const;

/** systemctl show, is-active, status, cat, start, stop, restart and kill, of services. */
export const systemctl: Command = (machine, argv, io) => {
  const [verb = "", ...rest] = argv.slice(1);
  const units = rest.filter((word) => !word.startsWith("-")).map((word) => word.replace(/\.service$/, ""));
  const act = ACTS.find((one) => one === verb);
  if (act !== undefined) return actOn(machine, act, units, io);
  io.process.after(SHOW_MS, () => {
    if (verb === "show") return show(machine, rest, units, io);
    if (verb === "is-active") return isActive(machine, units, io);
    if (verb === "status") return status(machine, units, io);
    if (verb === "cat") return printUnit(machine, units, io);
    if (verb === "kill") return kill(machine, rest, units, io);
    io.err(
      `Unknown command verb '${verb}' (the lab's systemctl has show, is-active, status, cat, start, stop, restart, kill).\n`,
    );
    io.exit(EXIT.failed);
  });
};

function show(machine: Machine, words: readonly string[], units: readonly string[], io: CommandIo): void {
  const wanted = words.flatMap((word) => /^(?:--property=|-p)(.+)$/.exec(word)?.[1]?.split(",") ?? []);
  const hasNames = !words.includes("--value");
  const blocks = units.map((unit) => {
    const properties = Object.entries(propertiesOf(unit, stateOf(machine, unit)));
    const chosen = properties.filter(([name]) => wanted.length === 0 || wanted.includes(name));
    return chosen.map(([name, value]) => `${hasNames ? `${name}=` : ""}${value}\n`).join("");
  });
  io.out(blocks.join("\n"));
  io.exit(0);
}

/** In the order in which systemd prints them. A unit that does not exist is shown too, as systemd does it. */
function propertiesOf(unit: string, state: UnitState | null): Readonly<Record<string, string>> {
  const startedAt = timestamp(state?.activeEnterAtMs ?? null);
  return {
    Type: "simple",
    Restart: state === null ? "no" : "always",
    NRestarts: String(state?.restarts ?? 0),
    MainPID: String(state?.mainPid ?? 0),
    Result: state?.result ?? "success",
    Id: `${unit}.service`,
    Names: `${unit}.service`,
    LoadState: state === null ? "not-found" : "loaded",
    ActiveState: state?.activeState ?? "inactive",
    SubState: state?.subState ?? "dead",
    UnitFileState: state === null ? "" : "enabled",
    ActiveEnterTimestamp: startedAt,
    InvocationID: state?.invocationId ?? "",
  };
}

/** `Wed 2026-06-24 16:16:06 UTC`: whole seconds, and empty for what never was. */
export function timestamp(atMs: number | null): string {
  if (atMs === null) return "";
  const date = new Date(atMs);
  const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()] ?? "";
  return `${day} ${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Null for a unit that does not exist. */
function stateOf(machine: Machine, unit: string): UnitState | null {
  try {
    return machine.node.host.systemd.state(unit);
  } catch {
    return null;
  }
}

function isActive(machine: Machine, units: readonly string[], io: CommandIo): void {
  const states = units.map((unit) => stateOf(machine, unit)?.activeState ?? "inactive");
  for (const state of states) io.out(`${state}\n`);
  io.exit(states.every((state) => state === "active") ? 0 : EXIT.notActive);
}

function status(machine: Machine, units: readonly string[], io: CommandIo): void {
  let code = 0;
  for (const unit of units) {
    const state = stateOf(machine, unit);
    if (state === null) {
      io.err(`Unit ${unit}.service could not be found.\n`);
      code = 4;
      continue;
    }
    if (state.activeState !== "active" && code === 0) code = EXIT.notActive;
    const since = state.activeEnterAtMs === null ? "" : ` since ${timestamp(state.activeEnterAtMs)}`;
    io.out(
      `● ${unit}.service - Service for snap application ${unit.replace(/^snap\./, "")}\n` +
        `     Loaded: loaded (/etc/systemd/system/${unit}.service; enabled; preset: enabled)\n` +
        `     Active: ${state.activeState} (${state.subState})${since}\n` +
        (state.mainPid === 0 ? "" : `   Main PID: ${state.mainPid}\n`) +
        (state.invocationId === null ? "" : `   Invocation: ${state.invocationId}\n`),
    );
  }
  io.exit(code);
}

function printUnit(machine: Machine, units: readonly string[], io: CommandIo): void {
  const missing = units.find((unit) => stateOf(machine, unit) === null);
  if (missing !== undefined) {
    io.err(`No files found for ${missing}.service.\n`);
    return io.exit(EXIT.failed);
  }
  for (const unit of units) io.out(`# /etc/systemd/system/${unit}.service\n[Service]\nRestart=always\nType=simple\n`);
  io.exit(0);
}

function kill(machine: Machine, words: readonly string[], units: readonly string[], io: CommandIo): void {
  const named = words.map((word) => /^(?:--signal=|-s)?(?:SIG)?(KILL|STOP|CONT|TERM)$/.exec(word)?.[1]).find(Boolean);
  const targets = units.filter((unit) => stateOf(machine, unit) !== null);
  const [unit] = targets;
  if (unit === undefined) {
    io.err(`Failed to kill unit ${units[0] ?? ""}.service: Unit not loaded.\n`);
    return io.exit(EXIT.failed);
  }
  for (const target of targets)
    machine.node.host.systemd.kill(target, (named ?? "TERM") as "KILL" | "STOP" | "CONT" | "TERM");
  io.exit(0);
}

/** systemctl waits for what it asked for; the job goes on when it is killed. */
function actOn(machine: Machine, act: (typeof ACTS)[number], units: readonly string[], io: CommandIo): void {
  const { systemd } = machine.node.host;
  const missing = units.find((unit) => stateOf(machine, unit) === null);
  if (missing !== undefined) {
    return void io.process.after(SHOW_MS, () => {
      io.err(`Failed to ${act} ${missing}.service: Unit ${missing}.service not found.\n`);
      io.exit(EXIT.noSuchUnit);
    });
  }
  let left = units.length;
  const done = (): void => {
    left -= 1;
    if (left === 0) io.process.deliver(() => io.exit(0));
  };
  for (const unit of units) systemd[act](unit, "operator", done);
}
