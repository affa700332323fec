import type { Timer } from "../../sim/sim.ts";
import type { Process } from "../process.ts";
import { runTask, type Task } from "./task.ts";

/** client-go's default controller rate limiter: 5 ms, doubled with each failure in a row, at most 1000 s. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;

/** client-go's workqueue: a key is worked on once at a time, and once more when it was added meanwhile. */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key later; of several times the earliest counts. */
  addAfter(key: string, delayMs: number): void;
}

/** `reconcile` returns false for a failure: the key comes back, later with each failure in a row. */
export function createQueue(process: Process, reconcile: (key: string) => Task<boolean>): WorkQueue {
  const running = new Set<string>();
  /** Keys that wait, with their timer; null: added while it runs. */
  const waiting = new Map<string, Timer | null>();
  const failures = new Map<string, number>();

  function add(key: string): void {
    if (running.has(key)) {
      waiting.get(key)?.cancel();
      waiting.set(key, null);
    } else addAfter(key, 0);
  }

  function addAfter(key: string, delayMs: number): void {
    const other = waiting.get(key);
    if (other === null) return;
    const timer = process.after(delayMs, () => work(key));
    if (other !== undefined && other.atMs <= timer.atMs) return timer.cancel();
    other?.cancel();
    waiting.set(key, timer);
  }

  function work(key: string): void {
    waiting.delete(key);
    // A later addition came due while the key is worked on.
    if (running.has(key)) return add(key);
    running.add(key);
    runTask(reconcile(key), (succeeded) => {
      running.delete(key);
      const isAddedAgain = waiting.get(key) === null;
      if (isAddedAgain) waiting.delete(key);
      if (succeeded) failures.delete(key);
      else retry(key);
      if (isAddedAgain) addAfter(key, 0);
    });
  }

  function retry(key: string): void {
    const before = failures.get(key) ?? 0;
    failures.set(key, before + 1);
    addAfter(key, Math.min(FIRST_RETRY_MS * 2 ** before, LAST_RETRY_MS));
  }

  return { add, addAfter };
}
