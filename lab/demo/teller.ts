import type { DemoEvent } from "./event.ts";
import { drawEvent, type Paint } from "./draw.ts";

export interface TellerOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** How many times faster than it can be read; 0 does not wait. */
  readonly speed: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Asked before each chapter but the first; null: not asked. */
  readonly step: (() => Promise<void>) | null;
  /** Ctrl-C: nothing more is printed. */
  readonly signal: AbortSignal;
}

/** Prints what it is told, at the pace of a reader. */
export interface Teller {
  readonly tell: (event: DemoEvent) => void;
  /** Everything that was told is printed. */
  readonly done: () => Promise<void>;
}

/** How long a reader needs for each kind, in ms at speed 1: the incident takes about a minute. */
const READING_MS: Readonly<Record<DemoEvent["kind"], number>> = {
  title: 3000,
  chapter: 1000,
  injected: 500,
  world: 200,
  nagios: 500,
  quorate: 600,
  ladder: 900,
  look: 500,
  "fast-forward": 500,
  summary: 0,
};

/** The simulation runs ahead; what it tells waits here for its turn. */
export function createTeller({ write, paint, speed, sleep, step, signal }: TellerOptions): Teller {
  let chapters = 0;
  let tail: Promise<void> = Promise.resolve();

  async function print(event: DemoEvent): Promise<void> {
    if (event.kind === "chapter") {
      chapters += 1;
      if (chapters > 1 && step !== null) await step();
    }
    if (signal.aborted) return;
    write(`${drawEvent(event, paint).join("\n")}\n`);
    if (speed > 0) await sleep(READING_MS[event.kind] / speed);
  }

  return {
    tell: (event) => {
      tail = tail.then(() => print(event));
    },
    done: () => tail,
  };
}
