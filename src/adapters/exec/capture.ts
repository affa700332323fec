import type { Readable } from "node:stream";

/** What was caught so far of a child's output. */
export interface Capture {
  /** The bytes up to the cap. */
  bytes(): Buffer;
  /** Whether more than the cap arrived; the rest is read and thrown away, so that the child never blocks. */
  overflowed(): boolean;
}

/** Collects at most `bytesMax` bytes of `stream` and calls `onOverflow` once when more arrives. */
export function captureBytes(stream: Readable, bytesMax: number, onOverflow: () => void = ignore): Capture {
  const chunks: Buffer[] = [];
  let size = 0;
  let overflowed = false;
  stream.on("data", (chunk: Buffer) => {
    const room = bytesMax - size;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
    if (chunk.length <= room || overflowed) return;
    overflowed = true;
    onOverflow();
  });
  // A pipe that breaks is seen by the child's end; there is nothing more to say about it here.
  stream.on("error", ignore);
  return { bytes: () => Buffer.concat(chunks), overflowed: () => overflowed };
}

function ignore(): void {}
