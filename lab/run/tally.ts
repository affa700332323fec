import { type LabEvent, restartBy } from "../invariants/invariant.ts";
import type { RunStats } from "./result.ts";

/** Counts what a run was about, so that a hundred quiet runs do not pass for a hundred tries. */
export function createTally(): { see(event: LabEvent): void; stats(): RunStats } {
  const count = { doctors: 0, findings: 0, restarts: 0, cured: 0, refused: 0, escalated: 0, kills: 0 };
  const watching = new Map<string, number>();
  let watchedMs = 0;

  function see(event: LabEvent): void {
    if (restartBy(event) !== null) count.restarts += 1;
    if (event.kind === "quorate-ended") {
      count.kills += 1;
      endWatch(event.quorate, event.atMs);
    }
    if (event.kind === "attention") {
      if (event.isWatching) watching.set(event.quorate, event.atMs);
      else endWatch(event.quorate, event.atMs);
    }
    if (event.kind === "ladder") {
      if (event.isDoctor) count.doctors += 1;
      if (event.ladder.causes.length > 0) count.findings += 1;
    }
    if (event.kind === "entry" && event.entry.kind === "closed") count[event.entry.result] += 1;
  }

  function endWatch(quorate: string, atMs: number): void {
    watchedMs += atMs - (watching.get(quorate) ?? atMs);
    watching.delete(quorate);
  }

  return { see, stats: () => ({ watchedMs, ...count }) };
}
