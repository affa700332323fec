import { afterEach, beforeAll, expect, test } from "vitest";
import { DQLITE_UNIT, faults, KUBELITE_UNIT, type NodeName } from "../lib/twin.ts";
import { identityOf, journalNow, makeWhole, startsSince } from "./support/cluster.ts";
import { doctor, newState, quorate, CLUSTER, recover, rungOf } from "./support/quorate.ts";

const DOWN: readonly NodeName[] = ["k8s01", "k8s03"];
const LEFT: NodeName = "k8s02";

beforeAll(makeWhole);
afterEach(makeWhole);

test("(e) two voters down: doctor names quorum on the one that is left, and recover refuses", async () => {
  await Promise.all(DOWN.map((node) => faults.stopUnit(node, DQLITE_UNIT)));
  const before = await identityOf(LEFT);
  const { code, report } = await doctor();
  expect(rungOf(report, LEFT, "quorum")).toBe("broken");
  expect(report.causes.find(({ node }) => node === LEFT)).toMatchObject({ rung: "quorum", remedy: null });
  expect(code).toBe(2);
  const refused = await recover(newState(), ["--node", LEFT]);
  expect(refused.document.result).toBe("for-people");
  expect(refused.code).toBe(2);
  expect(await identityOf(LEFT)).toMatchObject({ datastore: before.datastore });
});

test("(e) leaders shows that nobody leads while two voters are down", async () => {
  await Promise.all(DOWN.map((node) => faults.stopUnit(node, DQLITE_UNIT)));
  const { code, stdout } = await quorate(["leaders", ...CLUSTER, "-o", "json"]);
  const table = JSON.parse(stdout) as { state: string; rows: { role: string }[] };
  expect(table.state).toBe("broken");
  expect(table.rows.some(({ role }) => role === "leader")).toBe(false);
  expect(code).toBe(2);
});

test("(h) a node that a person stopped stays stopped", async () => {
  await faults.stopNodeOnPurpose(LEFT);
  const since = journalNow();
  const { report } = await doctor();
  expect(report.causes.find(({ node }) => node === LEFT)).toMatchObject({
    rung: "unit",
    reason: "stopped-on-purpose",
    remedy: null,
  });
  const { document } = await recover(newState(), ["--node", LEFT]);
  expect(document.result).toBe("for-people");
  for (const unit of [DQLITE_UNIT, KUBELITE_UNIT]) expect(await startsSince(LEFT, unit, since), unit).toBe(0);
});

test("a unit that a person stopped without a mark stays stopped too", async () => {
  await faults.stopUnit(LEFT, DQLITE_UNIT);
  const since = journalNow();
  const { report } = await doctor();
  expect(report.causes.find(({ node }) => node === LEFT)).toMatchObject({
    rung: "unit",
    reason: "stopped",
    remedy: null,
  });
  await recover(newState(), ["--node", LEFT]);
  expect(await startsSince(LEFT, DQLITE_UNIT, since)).toBe(0);
});
