const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. `push` returns false, and delivers nothing more, once a line exceeds `bytesMax`.
 * Lines come without their newline; empty lines are left out; bytes after the last newline wait for more.
 */
export function createLineSplitter(bytesMax: number, onLine: (line: Buffer) => void): (chunk: Buffer) => boolean {
  let parts: Buffer[] = [];
  let bytes = 0;
  let overflowed = false;

  function flush(): void {
    if (bytes > 0) onLine(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
    parts = [];
    bytes = 0;
  }

  function hold(part: Buffer): boolean {
    bytes += part.length;
    if (bytes > bytesMax) {
      overflowed = true;
      parts = [];
    } else if (part.length > 0) parts.push(part);
    return !overflowed;
  }

  return (chunk) => {
    let from = 0;
    while (!overflowed) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end === -1) return hold(chunk.subarray(from));
      if (!hold(chunk.subarray(from, end))) return false;
      flush();
      from = end + 1;
    }
    return false;
  };
}
