import { isServiceFailure } from "../../model/observed.ts";
import type { NodeSnapshot, Snapshot, StoreTrack } from "../../model/snapshot.ts";
import type { Evidence } from "../../model/verdict.ts";
import { ageText, type Judgement, type Rung, verdict } from "../rung.ts";

/**
 * Reads that have failed for this long are an outage and not a leader change: a clean leader kill costs 3 to 6 s
 * (facts.md 4.5), one retry of ours less than 2 s. Shorter failures are reported as unknown, with the wait.
 */
export const STORE_FAILING_MS = 5000;

/** A read of one small key takes 3 to 14 ms (measured on an idle and on a busy twin); a second is contention. */
export const STORE_SLOW_READ_MS = 1000;

/**
 * KCM and scheduler renew their Leases every 2 s and kubelets every 10 s, so a store whose revision stands still this
 * long takes no writes from anybody (or nobody is left who writes, which is as bad).
 */
export const STORE_NO_WRITE_MS = 30_000;

/**
 * `database is locked` failures in the window from which on the writer counts as contended. Each is one failed API
 * write after 500 tries (1 to 2 s of contention, facts.md finding F); single ones happen at any leader change.
 */
export const LOCK_ERRORS_MAX = 10;

/** Rung 3: are reads and writes served, how contended is the writer? */
export const storeRung: Rung = {
  id: "store",
  question: "Are reads and writes served, and how contended is the writer?",
  judge: (snapshot, node) => verdict("store", node, judge(snapshot, node)),
};

function judge(snapshot: Snapshot, node: NodeSnapshot): Judgement {
  const track = node.store;
  if (track === null) {
    const message = "the store was not read yet";
    return { state: "unknown", reason: "not-read-yet", message, waitingFor: "a first read of the store" };
  }
  const evidence = storeEvidence(snapshot, node, track);
  if (!track.last.known) return { ...judgeFailing(snapshot, node, track.last), evidence };
  return { ...judgeServed(snapshot, node, track), evidence };
}

function judgeFailing(
  snapshot: Snapshot,
  node: NodeSnapshot,
  last: Extract<StoreTrack["last"], { known: false }>,
): Judgement {
  const failingSinceMs = node.store?.failingSinceMs ?? snapshot.nowMs;
  const failingMs = snapshot.nowMs - failingSinceMs;
  if (!isServiceFailure(last.reason)) {
    return { state: "unknown", reason: last.reason, message: `the store could not be read: ${last.detail}` };
  }
  const message = `reads of the store have failed for ${ageText(failingMs)}: ${last.detail}`;
  if (failingMs > STORE_FAILING_MS && last.reason === "deadline" && isSilentSince(node, failingSinceMs)) {
    const waitingFor = "anything else of the node to be read";
    return {
      state: "unknown",
      reason: "node-silent",
      message: `nothing of the node was read since: ${message}`,
      waitingFor,
    };
  }
  if (failingMs > STORE_FAILING_MS) return { state: "broken", reason: "reads-fail", message };
  return { state: "unknown", reason: "reads-fail-briefly", message, waitingFor: "the store to answer or to stay away" };
}

/**
 * Silence alone may be our own way to the node (a cut ssh connection): it counts against the store only when systemd,
 * which is asked by the same way every 2 s, has answered since. Without such a witness there is nothing to compare.
 */
function isSilentSince(node: NodeSnapshot, sinceMs: number): boolean {
  const units = Object.values(node.units);
  return units.length > 0 && units.every((unit) => !unit.known || unit.observedAtMs <= sinceMs);
}

function judgeServed(snapshot: Snapshot, node: NodeSnapshot, track: StoreTrack): Judgement {
  const latencyMs = track.lastServed?.latencyMs ?? 0;
  if (latencyMs > STORE_SLOW_READ_MS) {
    return { state: "degraded", reason: "reads-slow", message: `a read of one small key took ${ageText(latencyMs)}` };
  }
  if (node.lockErrors?.known === true && node.lockErrors.value.count >= LOCK_ERRORS_MAX) {
    const { count, windowMs } = node.lockErrors.value;
    const message = `the writer is contended: ${count} writes failed with "database is locked" in ${ageText(windowMs)}`;
    return { state: "degraded", reason: "writer-contended", message };
  }
  const quietMs = snapshot.nowMs - (track.movedAtMs ?? snapshot.startedAtMs);
  if (quietMs > STORE_NO_WRITE_MS) {
    return { state: "degraded", reason: "no-writes-seen", message: `no write was seen for ${ageText(quietMs)}` };
  }
  return { state: "ok", reason: "served", message: `reads are served in ${ageText(latencyMs)}` };
}

function storeEvidence(snapshot: Snapshot, node: NodeSnapshot, track: StoreTrack): readonly Evidence[] {
  const atMs = track.last.observedAtMs;
  const served = track.lastServed;
  const read = track.last.known
    ? `revision ${track.last.value.revision} in ${ageText(track.last.value.latencyMs)}`
    : track.last.detail;
  const lines: Evidence[] = [
    {
      what: "etcd Range /registry/health at the datastore's socket",
      value: read,
      node: node.node,
      atMs,
      threshold: track.last.known ? `${STORE_SLOW_READ_MS} ms` : `failing for ${STORE_FAILING_MS} ms`,
    },
  ];
  if (!track.last.known && served !== null) {
    const value = `revision ${served.revision}, ${ageText(snapshot.nowMs - served.atMs)} ago`;
    lines.push({ what: "last read that was served", value, node: node.node, atMs: served.atMs });
  }
  return lines;
}
