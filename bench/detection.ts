import { NODES, type NodeName, sleep } from "../test/twin/lib/twin.ts";
import { freezeSomeFeed, makeWhole, reviveDatastore } from "../test/twin/stories/support/cluster.ts";
import { rungOf, watch } from "../test/twin/stories/support/quorate.ts";
import { summary } from "./machine.ts";

/** Feeds that must have died before the figures are printed. One pause of the leader kills one or two. */
const FREEZES_MIN = 10;
const PAUSES_MAX = 12;
/** The wrapper's 6 s, and some for the replay of what was missed. */
const REVIVE_MS = 12_000;

/**
 * Detection latency: from the first served read after the leader's pause to the first report that names the node's feed
 * as broken (reports come every 2 s, so that much of it is the printing). Returns lines to print.
 */
export async function benchDetection(): Promise<readonly string[]> {
  const seconds: number[] = [];
  let wrong = 0;
  let pauses = 0;
  await makeWhole();
  while (seconds.length < FREEZES_MIN && pauses < PAUSES_MAX) {
    pauses += 1;
    const watching = watch();
    await sleep(6000);
    const { dead, revived, resumedAtMs } = await freezeSomeFeed(1).catch(() => ({
      dead: [] as NodeName[],
      revived: [...NODES],
      resumedAtMs: Date.now(),
    }));
    await sleep(4000);
    const reports = await watching.stop();
    const after = reports.filter(({ at }) => Date.parse(at) >= resumedAtMs);
    for (const node of dead) {
      const served = after.find((report) => rungOf(report, node, "store") === "ok");
      const named = after.find((report) => rungOf(report, node, "feed") === "broken");
      if (served !== undefined && named !== undefined)
        seconds.push((Date.parse(named.at) - Date.parse(served.at)) / 1000);
    }
    const alive = NODES.filter((node) => !dead.includes(node) && !revived.includes(node));
    wrong += alive.filter((node) => after.some((report) => rungOf(report, node, "feed") === "broken")).length;
    process.stderr.write(
      `pause ${pauses}: dead ${dead.join(" ")}; figures so far: ${seconds.map((one) => one.toFixed(1)).join(" ")}\n`,
    );
    for (const node of dead) {
      await reviveDatastore(node);
      await sleep(REVIVE_MS);
    }
  }
  return [
    `detection of a dead feed after the store's return: ${summary(seconds, "s", 1)}`,
    `live feeds that were called broken: ${wrong} (in ${pauses} pauses of the leader)`,
  ];
}
