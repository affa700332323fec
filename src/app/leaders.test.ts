import { expect, test } from "vitest";
import type { LeaseRead } from "../core/model/observation.ts";
import type { Observed } from "../core/model/observed.ts";
import { type LeaderTable, leaders } from "./leaders.ts";
import { startObserver } from "./observer.ts";
import { createTestWorld, type TestWorld } from "./test-world.ts";

/** The table once it is decided, or after 8 s. */
async function ask(world: TestWorld): Promise<LeaderTable> {
  const observer = startObserver(world.taps, world.clock);
  await world.clock.drive(observer.until((_, snapshot) => leaders(snapshot).decided, 8000));
  const table = leaders(observer.snapshot());
  await world.clock.drive(observer.stop());
  return table;
}

function rolesOf(table: LeaderTable): readonly string[] {
  return table.rows.map(({ what, role }) => `${what} ${role}`);
}

test("a healthy cluster: one leader, two voters, both Leases with their holder", async () => {
  const world = createTestWorld();
  const table = await ask(world);
  expect(table).toMatchObject({
    state: "ok",
    decided: true,
    message: expect.stringContaining("named by 3 of 3 voters"),
  });
  expect(rolesOf(table)).toEqual([
    "dqlite leader",
    "dqlite voter",
    "dqlite voter",
    "kube-controller-manager holder",
    "kube-scheduler holder",
  ]);
  expect(table.rows[0]?.who).toBe(world.nodes[0].address);
  expect(table.rows[3]).toMatchObject({ who: "k8s01_4f1d", detail: expect.stringContaining("60 s, 3 transitions") });
});

test("a leader that is down is shown as what the others list it, with the reason", async () => {
  const world = createTestWorld();
  world.stopDatastore(world.nodes[0], "exit-code");
  const table = await ask(world);
  expect(table.state).toBe("ok");
  expect(rolesOf(table).slice(0, 3)).toEqual(["dqlite voter", "dqlite leader", "dqlite voter"]);
  expect(table.rows[0]?.detail).toContain("connection refused");
});

test("during an election there is no leader, and none is made up", async () => {
  const world = createTestWorld();
  world.stopDatastore(world.nodes[0], "exit-code");
  world.stopDatastore(world.nodes[1], "exit-code");
  const table = await ask(world);
  expect(table).toMatchObject({ state: "broken", message: "dqlite has no usable leader (quorum-lost)" });
  expect(rolesOf(table)).not.toContain("dqlite leader");
});

test("when nobody answers it is not known, which is not 'none'", async () => {
  const world = createTestWorld();
  for (const node of world.nodes) node.hung.add("member");
  const table = await ask(world);
  expect(table).toMatchObject({ state: "unknown", decided: false });
  expect(table.message).toMatch(/^whether dqlite has a usable leader is not known/);
});

test("a Lease whose time is over is marked, by the age that its holder wrote", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(1000);
  const snapshot = observer.snapshot();
  await world.clock.drive(observer.stop());
  const later = leaders({ ...snapshot, nowMs: snapshot.nowMs + 61_000 });
  expect(later.rows.find(({ what }) => what === "kube-scheduler")?.detail).toMatch(/^EXPIRED, /);
});

test("a Lease that is held is not expired for an observer whose clock is an hour ahead", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(1000);
  const snapshot = observer.snapshot();
  await world.clock.drive(observer.stop());
  const nodes = snapshot.nodes.map((node) => ({
    ...node,
    leases: Object.fromEntries(Object.entries(node.leases).map(hourBehind)),
  }));
  const table = leaders({ ...snapshot, nodes });
  expect(table.rows.find(({ what }) => what === "kube-scheduler")?.detail).toMatch(/^renewed/);
});

/** The holder and the apiserver have the same clock, and ours is another. */
function hourBehind([name, lease]: [string, Observed<LeaseRead>]): [string, Observed<LeaseRead>] {
  if (!lease.known) return [name, lease];
  const { renewAtMs, serverAtMs } = lease.value;
  const value = { ...lease.value, renewAtMs: (renewAtMs ?? 0) - 3_600_000, serverAtMs: (serverAtMs ?? 0) - 3_600_000 };
  return [name, { ...lease, value }];
}
