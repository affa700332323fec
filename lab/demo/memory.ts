import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Garbage that may lie about beside the 30 MB that a busy cluster of three nodes lives in. */
const GARBAGE_BYTES_MAX = 32 * 1024 * 1024;

/** How often it is worth a look; a contended second leaves 10 MB. */
const CALLS_BETWEEN_LOOKS = 5;

/**
 * Keeps the process below 200 MB: a simulation leaves garbage faster than a collector in no hurry takes it away, and Node
 * would let it grow to three times that. To be called once a simulated second.
 */
export function createSweeper(): () => void {
  let calls = 0;
  let heapBytesMax = GARBAGE_BYTES_MAX;
  let collect: (() => void) | null = null;
  return () => {
    calls += 1;
    if (calls % CALLS_BETWEEN_LOOKS !== 0 || process.memoryUsage().heapUsed < heapBytesMax) return;
    collect ??= ownCollector();
    collect();
    heapBytesMax = process.memoryUsage().heapUsed + GARBAGE_BYTES_MAX;
  };
}

/** The young generation grows no further (young objects die as well in less), and V8's own collector becomes callable. */
function ownCollector(): () => void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
