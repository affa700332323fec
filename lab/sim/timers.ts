/** Something that happens later. */
export interface Timer {
  readonly atMs: number;
  cancel(): void;
}

/** What is due, earliest first; of the same ms in the order of their making. */
export interface TimerQueue {
  /** At a whole ms: a part of one counts as a whole one. Never, for an infinite time. */
  add(atMs: number, run: () => void): Timer;
  /** When the next one is due; null when nothing is. */
  nextAtMs(): number | null;
  /** Takes out the next one that is due at `untilMs` or before, and sets `takenAtMs`; null when there is none. */
  take(untilMs: number): (() => void) | null;
  /** When the one that was taken last was due. */
  readonly takenAtMs: number;
}

/** A callback in a list of its slot. A class, because a simulated day makes ten million of them. */
class Entry implements Timer {
  readonly atMs: number;
  /** Null once it was cancelled or taken: who keeps a timer does not keep what it ran. */
  run: (() => void) | null;
  next: Entry | null = null;

  constructor(atMs: number, run: () => void) {
    this.atMs = atMs;
    this.run = run;
  }

  cancel(): void {
    this.run = null;
  }
}

/** Slots of a wheel, a power of two; a bit for each tells which ones are in use. */
const SLOTS = 4096;
const SLOT_BITS = 12;

/** Lists of entries, each in the order of their making. */
interface Wheel {
  add(slot: number, entry: Entry): void;
  /** The first slot in use from `slot` on; -1 when there is none. */
  firstFrom(slot: number): number;
  first(slot: number): Entry | null;
  /** Takes the first entry of a slot out. */
  shift(slot: number): void;
  /** Takes all entries of a slot out: the first one, with the others behind it. */
  clear(slot: number): Entry | null;
}

/**
 * A timing wheel of two levels (Varghese and Lauck 1987): one of 4096 ms, and one of 4096 such windows (4.7 h); what is later
 * waits in a list. To add, to cancel and to take cost the same however much is waiting, which a heap cannot say.
 */
export function createTimerQueue(): TimerQueue {
  const near = createWheel();
  const far = createWheel();
  let later: Entry[] = [];
  /** Where the window of each wheel begins. Windows follow one another without overlap: so the order is kept. */
  let nearMs = 0;
  let farMs = 0;
  /** No slot of the window before this one is in use. */
  let nearSlot = 0;
  let takenAtMs = 0;

  function add(atMs: number, run: () => void): Timer {
    if (Number.isNaN(atMs)) throw new RangeError("a timer at no time");
    const entry = new Entry(Math.ceil(atMs), run);
    if (entry.atMs < nearMs) rewind(entry.atMs);
    if (atMs !== Number.POSITIVE_INFINITY) place(entry);
    return entry;
  }

  function place(entry: Entry): void {
    const fromNear = entry.atMs - nearMs;
    if (fromNear < SLOTS) {
      near.add(fromNear, entry);
      if (fromNear < nearSlot) nearSlot = fromNear;
      return;
    }
    const fromFar = entry.atMs - farMs;
    if (fromFar < SLOTS * SLOTS) far.add(fromFar >>> SLOT_BITS, entry);
    else later.push(entry);
  }

  /** The next entry within the near window; cancelled ones leave when they are reached. */
  function peekNear(): Entry | null {
    for (;;) {
      nearSlot = near.firstFrom(nearSlot);
      if (nearSlot === -1) {
        nearSlot = SLOTS;
        return null;
      }
      const entry = near.first(nearSlot) as Entry;
      if (entry.run !== null) return entry;
      near.shift(nearSlot);
    }
  }

  function take(untilMs: number): (() => void) | null {
    let entry = peekNear();
    while (entry === null) {
      if (!advance(untilMs)) return null;
      entry = peekNear();
    }
    if (entry.atMs > untilMs) return null;
    near.shift(nearSlot);
    takenAtMs = entry.atMs;
    const { run } = entry;
    entry.run = null;
    return run;
  }

  /** Moves the near window, which is empty, to the next one in use; not past `untilMs`, where the world may go on adding. */
  function advance(untilMs: number): boolean {
    const slot = far.firstFrom(0);
    if (slot === -1) return advanceFar(untilMs);
    const windowMs = farMs + slot * SLOTS;
    if (windowMs > untilMs) return false;
    nearMs = windowMs;
    nearSlot = 0;
    placeAll(far.clear(slot));
    return true;
  }

  function advanceFar(untilMs: number): boolean {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const entry of later) if (entry.run !== null) firstMs = Math.min(firstMs, entry.atMs);
    if (firstMs > untilMs || later.length === 0) return false;
    startAt(firstMs);
    return true;
  }

  /** Both windows begin where this time is in them, and everything that waits is placed anew. */
  function startAt(atMs: number): void {
    const waiting = later;
    later = [];
    farMs = Math.floor(atMs / (SLOTS * SLOTS)) * SLOTS * SLOTS;
    nearMs = Math.floor(atMs / SLOTS) * SLOTS;
    nearSlot = 0;
    for (const entry of waiting) if (entry.run !== null) place(entry);
  }

  /** Somebody adds before the windows: a driver looked further ahead than time then went. Seldom, so it may cost. */
  function rewind(atMs: number): void {
    const all: Entry[] = [];
    const collect = (wheel: Wheel) => {
      for (let slot = wheel.firstFrom(0); slot !== -1; slot = wheel.firstFrom(slot)) {
        for (let entry = wheel.clear(slot); entry !== null; entry = entry.next) all.push(entry);
      }
    };
    collect(near);
    collect(far);
    // Of the same ms, all are in the same list and in their order: only their windows change.
    later = [...all, ...later];
    for (const entry of all) entry.next = null;
    startAt(atMs);
  }

  function placeAll(first: Entry | null): void {
    for (let entry = first; entry !== null; ) {
      const { next } = entry;
      entry.next = null;
      if (entry.run !== null) place(entry);
      entry = next;
    }
  }

  function nextAtMs(): number | null {
    const entry = peekNear();
    if (entry !== null) return entry.atMs;
    for (let slot = far.firstFrom(0); slot !== -1; slot = far.firstFrom(slot + 1)) {
      const atMs = firstOf(far.first(slot));
      if (atMs !== null) return atMs;
    }
    let firstMs: number | null = null;
    for (const { atMs, run } of later) if (run !== null && (firstMs === null || atMs < firstMs)) firstMs = atMs;
    return firstMs;
  }

  return {
    add,
    nextAtMs,
    take,
    get takenAtMs() {
      return takenAtMs;
    },
  };
}

/** The earliest time in a list; null when all of it was cancelled. */
function firstOf(first: Entry | null): number | null {
  let firstMs: number | null = null;
  for (let entry = first; entry !== null; entry = entry.next) {
    if (entry.run !== null && (firstMs === null || entry.atMs < firstMs)) firstMs = entry.atMs;
  }
  return firstMs;
}

function createWheel(): Wheel {
  const heads = Array.from<Entry | null>({ length: SLOTS }).fill(null);
  const tails = Array.from<Entry | null>({ length: SLOTS }).fill(null);
  const used = new Int32Array(SLOTS >>> 5);

  function clear(slot: number): Entry | null {
    const head = heads[slot] as Entry | null;
    heads[slot] = null;
    tails[slot] = null;
    used[slot >>> 5] = (used[slot >>> 5] as number) & ~(1 << (slot & 31));
    return head;
  }

  return {
    add: (slot, entry) => {
      const tail = tails[slot] as Entry | null;
      if (tail === null) {
        heads[slot] = entry;
        used[slot >>> 5] = (used[slot >>> 5] as number) | (1 << (slot & 31));
      } else tail.next = entry;
      tails[slot] = entry;
    },
    firstFrom: (slot) => {
      if (slot >= SLOTS) return -1;
      let word = slot >>> 5;
      let bits = (used[word] as number) & (-1 << (slot & 31));
      while (bits === 0) {
        word += 1;
        if (word === used.length) return -1;
        bits = used[word] as number;
      }
      return (word << 5) + 31 - Math.clz32(bits & -bits);
    },
    first: (slot) => heads[slot] as Entry | null,
    shift: (slot) => {
      const head = heads[slot] as Entry;
      const { next } = head;
      head.next = null;
      if (next === null) clear(slot);
      else heads[slot] = next;
    },
    clear,
  };
}
