import { expect, test } from "vitest";
import { createPrng } from "../../sim/prng.ts";
import type { ReleaseId } from "../releases.ts";
import type { DatastoreEvent } from "./datastore.ts";
import { createTestStore, type TestStore } from "./test-store.ts";

const PREFIX = "/registry/configmaps/";

/** One thing that happens to a node; what is down or paused is helped up by another draw. */
function disturb(store: TestStore, draws: ReturnType<typeof createPrng>): void {
  const { name: node } = draws.pick(store.hosts);
  const { name: other } = draws.pick(store.hosts);
  const process = isUp(store, node) ? store.process(node) : null;
  const what = draws.pick(["pause", "kill", "cut", "one way", "slow", "mend", "mend", "mend"] as const);
  if (what === "pause") process?.pause();
  else if (what === "kill") process?.end({ code: "killed", signal: "KILL" });
  else if (what === "cut") store.cutOff(node);
  else if (what === "one way" && node !== other) store.network.cut(node, other);
  else if (what === "slow" && node !== other) store.network.slow(node, other, draws.between(0, 4000));
  else mend(store, node);
}

function isUp(store: TestStore, node: string): boolean {
  try {
    return store.process(node).state !== "ended";
  } catch {
    return false;
  }
}

function mend(store: TestStore, node: string): void {
  if (isUp(store, node)) store.process(node).resume();
  else store.start(node);
  store.rejoin(node);
  for (const { name } of store.hosts) {
    if (name === node) continue;
    store.network.slow(node, name, 0);
    store.network.slow(name, node, 0);
  }
}

/** A client that goes on behind the last event it saw whenever its watch ends, as the etcd client does. */
function follow(store: TestStore, node: string): DatastoreEvent[] {
  const seen: DatastoreEvent[] = [];
  const open = (): void => {
    store.datastore(node).watch(
      store.client(node),
      { prefix: PREFIX, afterRevision: seen.at(-1)?.revision ?? 0, periodicProgress: true },
      {
        onCreated: () => undefined,
        onEvents: (events) => void seen.push(...events),
        onProgress: () => undefined,
        onEnd: () => void store.client(node).after(500, open),
      },
    );
  };
  open();
  return seen;
}

async function run(seed: number, release: ReleaseId) {
  const store = await createTestStore({ seed, release, count: seed % 3 === 0 ? 5 : 3 });
  const draws = createPrng(seed, "test faults");
  const acknowledged: string[] = [];
  const feeds = new Map(store.hosts.map(({ name }) => [name, follow(store, name)]));
  let wrote = 0;
  for (const { name } of store.hosts) {
    store.client(name).every(700, () => {
      const key = `${PREFIX}default/${(wrote += 1)}`;
      store
        .datastore(name)
        .txn(store.client(name), { op: "create", key, value: name, expectedRevision: 0 }, (answer) => {
          if (answer.ok && answer.value.succeeded) acknowledged.push(`${key} ${answer.value.revision}`);
        });
    });
  }
  for (let step = 0; step < 40; step += 1) {
    disturb(store, draws);
    await store.pass(draws.between(100, 9000));
  }
  for (const { name } of store.hosts) mend(store, name);
  await store.pass(45_000);
  return { store, acknowledged, feeds, wrote };
}

test.each(Array.from({ length: 12 }, (_, at) => at + 1))(
  "whatever happens, nothing acknowledged is lost, living feeds miss nothing, and mended it works (seed %i)",
  async (seed) => {
    const { store, acknowledged, feeds } = await run(seed, seed % 4 === 0 ? "1.33" : "1.35");
    expect(acknowledged.length).toBeGreaterThan(20);
    for (const one of acknowledged) {
      const [key, revision] = one.split(" ") as [string, string];
      expect(store.table.get(key)?.createRevision).toBe(Number(revision));
    }
    const leader = store.leader();
    for (const member of store.dqlite.members) {
      if (member.state().role === "voter")
        expect(member.state().leader?.address).toBe(store.member(leader).state().address);
    }
    const wanted = store.table.after(0, 1_000_000).map(({ revision }) => revision);
    for (const [node, seen] of feeds) {
      const revisions = seen.map(({ revision }) => revision);
      expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
      expect(new Set(revisions).size).toBe(revisions.length);
      const isDelivering = store.datastore(node).isPollAlive() && store.datastore(node).mutedPrefixes().length === 0;
      if (isDelivering) expect(wanted.length - revisions.length).toBeLessThanOrEqual(10);
      expect(await store.write(node, `${PREFIX}last/${node}`)).toMatchObject({ ok: true });
    }
  },
);

test("the same seed is the same run, to the last draw", async () => {
  expect(await digest(5)).toEqual(await digest(5));
});

async function digest(seed: number): Promise<readonly unknown[]> {
  const { store, acknowledged } = await run(seed, "1.35");
  const { events, table, sim } = store;
  return [events, table.revision, acknowledged, sim.random("dqlite raft").next(), store.journal("k8s01")];
}
