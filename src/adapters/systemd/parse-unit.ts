import type { UnitState } from "../../core/model/observation.ts";

/** What `systemctl show` is asked for: all of these exist since systemd 235 (Ubuntu 20.04 has 245, Debian 11 has 247). */
export const UNIT_PROPERTIES = [
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "InvocationID",
  "ActiveEnterTimestamp",
  "MainPID",
  "NRestarts",
] as const;

/** A unit as `systemctl show` prints it: its state, or the word that there is no such unit on the node. */
export type ParsedUnit =
  | { readonly kind: "unit"; readonly state: UnitState }
  /** `systemctl show` exits 0 for a unit that does not exist; only LoadState tells. */
  | { readonly kind: "no-such-unit" }
  | { readonly kind: "unreadable"; readonly detail: string };

/** Parses `NAME=value` lines of `systemctl show` (TZ=UTC, C locale). Pure; never throws. */
export function parseUnit(unit: string, text: string): ParsedUnit {
  const properties = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) properties.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  const activeState = properties.get("ActiveState") ?? "";
  if (properties.get("LoadState") === "not-found" && activeState !== "active") return { kind: "no-such-unit" };
  if (!/^[a-z-]+$/.test(activeState)) return { kind: "unreadable", detail: "systemctl show named no ActiveState" };
  return {
    kind: "unit",
    state: {
      unit,
      activeState,
      subState: properties.get("SubState") ?? "",
      result: properties.get("Result") ?? "",
      invocationId: parseInvocationId(properties.get("InvocationID") ?? ""),
      activeEnterAtMs: parseTimestamp(properties.get("ActiveEnterTimestamp") ?? ""),
      mainPid: parseCount(properties.get("MainPID") ?? ""),
      restarts: parseCount(properties.get("NRestarts") ?? ""),
    },
  };
}

/** 32 hex digits, or null: empty (never ran) and all zeros are no id. */
export function parseInvocationId(text: string): string | null {
  return /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text) ? text : null;
}

/**
 * ms since the epoch of `Wed 2026-06-24 16:16:06 UTC` (whole seconds; newer systemd may add a fraction), or null for an
 * empty value, `n/a` or `0`. `--timestamp=us` would be finer and is missing before systemd 247; TZ=UTC works on all.
 */
export function parseTimestamp(text: string): number | null {
  const match = /^(?:[A-Z][a-z]{2} )?(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d+)? UTC$/.exec(text);
  if (match === null) return null;
  const seconds = Date.parse(`${match[1]}T${match[2]}Z`);
  return Number.isNaN(seconds) ? null : seconds + Math.floor(Number(`0${match[3] ?? ".0"}`) * 1_000);
}

function parseCount(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
