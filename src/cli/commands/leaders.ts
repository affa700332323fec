import { systemClock } from "../../adapters/clock/system-clock.ts";
import { leaders as leaderTable, type LeaderRow } from "../../app/leaders.ts";
import { startObserver } from "../../app/observer.ts";
import { EXIT_BY_STATE } from "../exit-codes.ts";
import { leadersReport } from "../report/leaders-report.ts";
import { canvasFor, plain, stateText } from "../render/style.ts";
import { drawTable } from "../render/table.ts";
import { interruptSignal } from "../signals.ts";
import { type ClusterOptions, endObserving, openWorld } from "../world.ts";

export interface LeadersOptions extends ClusterOptions {
  readonly output: "text" | "json";
}

/** An election takes up to 7.5 s; a decided cluster is answered at once. */
const LEADERS_BUDGET_MS = 8000;

/** `quorate leaders`: who leads dqlite, who has which role, who holds the Leases of KCM and scheduler. */
export async function leaders(options: LeadersOptions): Promise<number> {
  const signal = interruptSignal(() => undefined);
  const world = await openWorld(options);
  const observer = startObserver(world.nodes, systemClock);
  try {
    await observer.until((_, snapshot) => leaderTable(snapshot).decided, LEADERS_BUDGET_MS, signal);
    const table = leaderTable(observer.snapshot());
    if (options.output === "json") {
      process.stdout.write(`${JSON.stringify(leadersReport(table), null, 2)}\n`);
    } else {
      process.stdout.write(draw(table.rows, table.state, table.message));
    }
    return EXIT_BY_STATE[table.state];
  } finally {
    await endObserving(observer, world);
  }
}

function draw(rows: readonly LeaderRow[], state: keyof typeof EXIT_BY_STATE, message: string): string {
  const canvas = canvasFor(process.stdout);
  const head = ["WHAT", "WHO", "ROLE", "DETAIL"].map((text) => ({ text }));
  const table = drawTable([
    head,
    ...rows.map((row) => [row.what, row.who, row.role, row.detail].map((text) => ({ text: plain(text) }))),
  ]);
  return `${table}\n\n${stateText(canvas, state, state.toUpperCase())}  ${plain(message)}\n`;
}
