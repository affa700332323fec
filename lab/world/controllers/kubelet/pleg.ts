import type { Component } from "../component.ts";
import type { Containerd } from "./containerd.ts";

/** kubelet pkg/kubelet/pleg/generic.go: relistThreshold. */
const THRESHOLD_MS = 180_000;
/** syncLoop: it looks again after 100 ms, doubled up to 5 s. The first tries are left out. */
const SKIP_MS = 5000;

/** The kubelet's look at its container runtime (pod lifecycle event generator). */
export interface Pleg {
  /** Why pods are not synchronised and the node is not ready; null while the runtime answers. */
  problem(): string | null;
  /** Told when a problem begins and when it ends. */
  onChange(listener: () => void): void;
}

/** Costs nothing while the runtime answers: it is asked only when it begins to hang. */
export function startPleg(component: Component, containerd: Containerd): Pleg {
  const { sim, process, print } = component;
  const listeners: (() => void)[] = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };
  /** A kubelet that starts above a hanging runtime counts from its own start. */
  const seenAtMs = () => Math.max(containerd.hungSinceMs ?? 0, process.startedAtMs);

  function problem(): string | null {
    if (containerd.hungSinceMs === null) return null;
    const ageMs = sim.nowMs() - seenAtMs();
    if (ageMs < THRESHOLD_MS) return null;
    return `PLEG is not healthy: pleg was last seen active ${durationText(ageMs)} ago; threshold is 3m0s`;
  }

  function skip(): void {
    const why = problem();
    if (why === null) return;
    print("E", "kubelet.go", `"Skipping pod synchronization" err="[${why}]"`);
    process.after(SKIP_MS, skip);
  }

  function hungChanged(): void {
    if (containerd.hungSinceMs === null) return tell();
    process.after(seenAtMs() + THRESHOLD_MS - sim.nowMs(), () => {
      if (problem() === null) return;
      skip();
      tell();
    });
  }

  const forget = containerd.onChange((key) => (key === null ? process.deliver(hungChanged) : undefined));
  process.onEnd(forget);
  if (containerd.hungSinceMs !== null) hungChanged();
  return { problem, onChange: (listener) => listeners.push(listener) };
}

/** As Go prints a duration of minutes: `3m5.3s`. */
function durationText(ms: number): string {
  const seconds = (ms % 60_000) / 1000;
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  return `${hours > 0 ? `${hours}h` : ""}${minutes}m${seconds}s`;
}
