import { beforeAll, expect, test } from "vitest";
import { DQLITE_UNIT, NODES, type NodeName, sleep } from "../lib/twin.ts";
import {
  type Freeze,
  freezeSomeFeed,
  type Identity,
  identityOf,
  isFeedDead,
  journalNow,
  makeWhole,
  others,
  startsSince,
  waitUntilStable,
} from "./support/cluster.ts";
import { doctor, newState, recover, rungOf, watch } from "./support/quorate.ts";

/** The bound: named within 10 s of the store's return. */
const NAMED_WITHIN_MS = 10_000;

let freeze: Freeze;
let reports: Awaited<ReturnType<ReturnType<typeof watch>["stop"]>>;

beforeAll(async () => {
  await makeWhole();
  const watching = watch();
  await sleep(8000);
  freeze = await freezeSomeFeed();
  reports = await watching.stop();
});

test("(b) after the leader's pause each dead feed is named within 10 s of the store's return", () => {
  for (const node of freeze.dead) {
    const servedAtMs = firstAt(
      node,
      (report) => at(report) >= freeze.resumedAtMs && rungOf(report, node, "store") === "ok",
    );
    const namedAtMs = firstAt(
      node,
      (report) => at(report) >= freeze.resumedAtMs && rungOf(report, node, "feed") === "broken",
    );
    expect(namedAtMs - servedAtMs, node).toBeLessThanOrEqual(NAMED_WITHIN_MS);
  }
});

test("(b) a live feed is not named", async () => {
  const alive = NODES.filter((node) => !freeze.dead.includes(node));
  const { report } = await doctor();
  for (const node of alive) expect(rungOf(report, node, "feed"), node).not.toBe("broken");
  for (const node of freeze.dead) expect(rungOf(report, node, "feed"), node).toBe("broken");
});

test("(b) the lowest broken rung is the cause, the watch cache above it is consequence, and the remedy is one restart", async () => {
  const { code, report } = await doctor();
  const cause = report.causes.find(({ node }) => freeze.dead.includes(node as NodeName));
  expect(cause?.rung).toBe("feed");
  expect(cause?.remedy?.unit).toBe(DQLITE_UNIT.replace(/\.service$/, ""));
  expect(code).toBe(2);
});

test("(c) recover cures it with one restart; the apiserver and the other nodes are untouched", async () => {
  await waitUntilStable();
  const node = freeze.dead[0] as NodeName;
  const before = await identityOf(node);
  const othersBefore = await Promise.all(others(node).map(identityOf));
  const since = journalNow();
  const { code, document } = await recover(newState(), ["--node", node]);
  expect(document).toMatchObject({ result: "cured", node, refusals: [] });
  expect(code).toBe(0);
  const after: Identity = await identityOf(node);
  expect(after.datastore).not.toBe(before.datastore);
  expect({ ...after, datastore: "" }).toEqual({ ...before, datastore: "" });
  expect(await Promise.all(others(node).map(identityOf))).toEqual(othersBefore);
  expect(await startsSince(node, DQLITE_UNIT, since)).toBe(1);
  expect(await isFeedDead(node)).toBe(false);
});

function at(report: { readonly at: string }): number {
  return Date.parse(report.at);
}

function firstAt(node: string, found: (report: (typeof reports)[number]) => boolean): number {
  const report = reports.find(found);
  if (report === undefined) throw new Error(`${node}: never seen in ${reports.length} reports`);
  return at(report);
}
