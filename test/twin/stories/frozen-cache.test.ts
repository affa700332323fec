import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DQLITE_UNIT, faults, type NodeName } from "../lib/twin.ts";
import { identityOf, journalNow, makeWhole, others, startsSince, waitUntilStable } from "./support/cluster.ts";
import { doctor, newState, recover, rungOf } from "./support/quorate.ts";

const NODE: NodeName = "k8s02";

beforeAll(makeWhole);

describe("(d) one resource's watch went mute because its consumer was slow", () => {
  beforeAll(async () => {
    await faults.slowWatchConsumer(NODE, { through: "k8s01" });
  });

  test("it is named at rung cache, with the resource, above a live feed", async () => {
    const { code, report } = await doctor();
    const cause = report.causes.find(({ node }) => node === NODE);
    expect(cause).toMatchObject({ rung: "cache", reason: "cache-frozen", resources: ["configmaps"] });
    expect(rungOf(report, NODE, "feed")).toBe("ok");
    for (const node of others(NODE)) expect(rungOf(report, node, "cache"), node).toBe("ok");
    expect(code).toBe(2);
  });

  test("recover cures it by restarting only that node's datastore", async () => {
    await waitUntilStable();
    const before = await identityOf(NODE);
    const since = journalNow();
    const { code, document } = await recover(newState(), ["--node", NODE]);
    expect(document).toMatchObject({ result: "cured", node: NODE, refusals: [] });
    expect(code).toBe(0);
    const after = await identityOf(NODE);
    expect({ ...after, datastore: "" }).toEqual({ ...before, datastore: "" });
    expect(await startsSince(NODE, DQLITE_UNIT, since)).toBe(1);
    expect(rungOf((await doctor()).report, NODE, "cache")).toBe("ok");
  });
});

describe("(d2) only the apiserver's watch streams are held", () => {
  beforeAll(async () => {
    await faults.useWatchProxy(NODE, true);
    await faults.holdWatchStreams(NODE);
  });

  afterAll(async () => {
    await faults.releaseWatchStreams(NODE);
    await faults.useWatchProxy(NODE, false);
  });

  test("it is named at rung cache, not feed: the datastore itself delivers", async () => {
    const { report } = await doctor();
    const cause = report.causes.find(({ node }) => node === NODE);
    expect(cause?.rung).toBe("cache");
    expect(cause?.resources).toContain("leases.coordination.k8s.io");
    expect(rungOf(report, NODE, "feed")).toBe("ok");
    for (const node of others(NODE)) expect(rungOf(report, node, "cache"), node).toBe("ok");
  });

  test("when they are released nothing is broken any more", async () => {
    await faults.releaseWatchStreams(NODE);
    const { report } = await doctor();
    expect(rungOf(report, NODE, "cache")).toBe("ok");
  });
});
