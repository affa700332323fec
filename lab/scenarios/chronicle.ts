import type { Cause } from "../../src/core/ladder/climb.ts";
import type { QuorateEvent } from "../quorate/events.ts";
import type { LogLine } from "../sim/sim.ts";
import { clockText } from "./print.ts";

/** One line of the story. */
export interface ChronicleLine {
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
}

/** What happened in a cluster, and what Quorate said and did about it: `timeline` prints it. */
export interface Chronicle {
  line(line: LogLine): void;
  readonly quorate: (event: QuorateEvent) => void;
  /** The lines since then. */
  since(atMs: number): readonly ChronicleLine[];
  /** What was told since the last call for the same reader. */
  take(reader: string): readonly ChronicleLine[];
  /** As `20:04:11 k8s02: what happened`. */
  texts(lines: readonly ChronicleLine[]): readonly string[];
}

/** More than any story has; a storm must not fill the memory. */
const LINES_MAX = 20_000;

export function createChronicle(startMs: number): Chronicle {
  const lines: ChronicleLine[] = [];
  /** How far each reader has read. */
  const taken = new Map<string, number>();
  /** Causes that each Quorate names now: a cause is told when it is named and when it is gone. */
  const named = new Map<string, string>();
  const tell = (atMs: number, who: string, text: string) => {
    if (atMs >= startMs && lines.length < LINES_MAX) lines.push({ atMs, who, text });
  };

  function quorate(event: QuorateEvent): void {
    const { atMs, quorate: who } = event;
    switch (event.kind) {
      case "ladder": {
        const causes = event.ladder.causes.map(causeText).join("; ");
        if (causes !== (named.get(who) ?? "")) {
          tell(atMs, who, causes === "" ? "names no cause any more" : `names ${causes}`);
        }
        named.set(who, causes);
        return;
      }
      case "quorate-crashed":
        return tell(atMs, who, `crashed: ${event.error}`);
      case "quorate-ended":
        return tell(atMs, who, "was killed");
      case "restart-asked":
        return tell(atMs, who, `restarts ${event.request.role} on ${event.node}`);
      case "restart-answered":
        return tell(atMs, who, `restart of ${event.request.role} on ${event.node}: ${event.outcome.outcome}`);
      case "recover-ended":
        return tell(atMs, who, `recover: ${endText(event.end)}`);
      case "quorate-started":
      case "attention":
      case "recover-began":
      case "entry":
      case "lock-take":
      case "lock-release":
      case "write":
        return;
    }
  }

  return {
    line: ({ atMs, who, text }) => tell(atMs, who, text),
    quorate,
    since: (atMs) => lines.filter((line) => line.atMs >= atMs),
    take: (reader) => {
      const fresh = lines.slice(taken.get(reader) ?? 0);
      taken.set(reader, lines.length);
      return fresh;
    },
    texts: (told) => foldLines(told).map(({ atMs, who, text }) => `${clockText(atMs, startMs)} ${who}: ${text}`),
  };
}

/** Lines of the same second that say the same of different things (`pods: watch cache filled anew`) become one. */
function foldLines(lines: readonly ChronicleLine[]): readonly ChronicleLine[] {
  const folded: { line: ChronicleLine; tail: string; count: number }[] = [];
  for (const line of lines) {
    const tail = line.text.replace(/^[^ :]+: /, "");
    const last = folded.at(-1);
    const second = Math.floor(line.atMs / 1000);
    if (last?.tail === tail && last.line.who === line.who && Math.floor(last.line.atMs / 1000) === second)
      last.count += 1;
    else folded.push({ line, tail, count: 1 });
  }
  return folded.map(({ line, tail, count }) => (count === 1 ? line : { ...line, text: `${count} times ${tail}` }));
}

function causeText({ node, rung, verdict }: Cause): string {
  return `${rung} of ${node} (${verdict.reason})`;
}

function endText(end: Extract<QuorateEvent, { kind: "recover-ended" }>["end"]): string {
  switch (end.end) {
    case "nothing-to-do":
    case "undecided":
      return `${end.end}: ${end.message}`;
    case "for-people":
      return `for people: ${end.message}`;
    case "planned":
    case "declined":
      return end.end;
    case "ran": {
      const refusals = end.refusals.map(({ rule, reason }) => `${rule} (${reason})`).join(", ");
      return `${end.result ?? "open"} on ${end.node}${refusals === "" ? "" : `: refused by ${refusals}`}`;
    }
  }
}
