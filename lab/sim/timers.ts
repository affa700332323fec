/** Something that happens later. */
export interface Timer {
  readonly atMs: number;
  cancel(): void;
}

interface Entry extends Timer {
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** What is due, earliest first; of the same instant in the order of their making. A binary heap. */
export interface TimerQueue {
  add(atMs: number, run: () => void): Timer;
  /** When the next one is due; null when nothing is. */
  nextAtMs(): number | null;
  /** Takes the next one out; null when nothing is due. */
  take(): { readonly atMs: number; readonly run: () => void } | null;
  readonly size: number;
}

export function createTimerQueue(): TimerQueue {
  const heap: Entry[] = [];
  let made = 0;

  function add(atMs: number, run: () => void): Timer {
    const entry: Entry = { atMs, order: (made += 1), run, isCancelled: false, cancel: () => (entry.isCancelled = true) };
    heap.push(entry);
    rise(heap, heap.length - 1);
    return entry;
  }

  /** Cancelled entries leave when they reach the top. */
  function clean(): Entry | undefined {
    while (heap[0]?.isCancelled === true) removeTop(heap);
    return heap[0];
  }

  function take(): Entry | null {
    const top = clean();
    if (top === undefined) return null;
    removeTop(heap);
    return top;
  }

  return {
    add,
    nextAtMs: () => clean()?.atMs ?? null,
    take,
    get size() {
      return heap.length;
    },
  };
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}

function rise(heap: Entry[], from: number): void {
  const entry = heap[from] as Entry;
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Entry;
    if (!isBefore(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function removeTop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
    if (!isBefore(heap[child] as Entry, last)) break;
    heap[at] = heap[child] as Entry;
    at = child;
  }
  heap[at] = last;
}
