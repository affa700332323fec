import { expect, test } from "vitest";
import { FEED_STREAM_TRUSTED_MS } from "../core/ladder/feed/index.ts";
import { RUNG_IDS } from "../core/model/verdict.ts";
import type { Observation } from "../core/model/observation.ts";
import type { NodeTaps } from "../ports/node-taps.ts";
import { DOCTOR_BUDGET_MS, firstAnswer } from "./doctor.ts";
import { type Observer, startObserver } from "./observer.ts";
import { createTestWorld, type TestWorld } from "./test-world.ts";

const NEVER = new AbortController().signal;

/** What doctor says after its first answer, and how long that took. */
async function ask(world: TestWorld, budgetMs: number = DOCTOR_BUDGET_MS) {
  const observer = startObserver(world.taps, world.clock);
  const startedMs = world.clock.nowMs();
  const ladder = await world.clock.drive(firstAnswer(observer, { budgetMs, spentMs: 0 }, NEVER));
  const tookMs = world.clock.nowMs() - startedMs;
  await world.clock.drive(observer.stop());
  const causes = ladder.causes.map(({ node, rung, verdict }) => `${node} ${rung} ${verdict.reason}`);
  return { ladder, causes, tookMs };
}

test("a healthy cluster is ok on every rung after one heartbeat", async () => {
  const { ladder, causes, tookMs } = await ask(createTestWorld());
  expect(ladder.nodes.map(({ verdicts }) => verdicts.map(({ state }) => state))).toEqual(
    [1, 2, 3].map(() => RUNG_IDS.map(() => "ok")),
  );
  expect(causes).toEqual([]);
  expect(tookMs).toBeLessThan(4000);
});

test("a dead feed is named on its node within the budget, and nowhere else", async () => {
  const world = createTestWorld();
  world.killFeed(world.nodes[1]);
  const { causes, tookMs } = await ask(world);
  expect(causes).toEqual(["k8s02 feed feed-behind-store"]);
  expect(tookMs).toBeLessThanOrEqual(DOCTOR_BUDGET_MS);
});

test("one frozen cache above a live feed is named with its resource within the budget", async () => {
  const world = createTestWorld();
  world.freezeCache(world.nodes[2], "configmaps");
  await world.clock.pass(2000);
  const { ladder, causes, tookMs } = await ask(world);
  expect(causes).toEqual(["k8s03 cache cache-frozen"]);
  expect(ladder.causes[0]?.verdict.resources).toEqual(["configmaps"]);
  expect(tookMs).toBeLessThanOrEqual(DOCTOR_BUDGET_MS);
});

test("a stopped datastore is the cause, and what stands above it is consequence", async () => {
  const world = createTestWorld();
  world.stopDatastore(world.nodes[0], "success");
  const { ladder, causes } = await ask(world);
  expect(causes).toEqual(["k8s01 unit stopped"]);
  expect(ladder.causes[0]?.consequences).toContain("store");
  expect(ladder.nodes[1]?.verdicts.find(({ rung }) => rung === "quorum")?.reason).toBe("voter-missing");
});

test("two voters down are a lost quorum, also on the node that runs", async () => {
  const world = createTestWorld();
  world.stopDatastore(world.nodes[0], "exit-code");
  world.stopDatastore(world.nodes[1], "exit-code");
  const { causes } = await ask(world);
  expect(causes).toContain("k8s03 quorum quorum-lost");
});

test("a node that cannot be reached is unknown with the reason, never broken, and the others are judged", async () => {
  const world = createTestWorld();
  for (const tap of ["unit", "marker", "members", "store", "cache", "lease", "journal"] as const) {
    world.nodes[1].unreadable.add(tap);
  }
  const { ladder, causes, tookMs } = await ask(world);
  expect(causes).toEqual([]);
  expect(ladder.state).toBe("unknown");
  const unit = ladder.nodes[1]?.verdicts[0];
  expect(unit).toMatchObject({
    state: "unknown",
    reason: "unreachable",
    message: expect.stringContaining("no route to host"),
  });
  expect(ladder.nodes[0]?.verdicts.map(({ state }) => state)).toEqual(RUNG_IDS.map(() => "ok"));
  expect(tookMs).toBeLessThanOrEqual(DOCTOR_BUDGET_MS + 200);
});

test("members of a node that cannot be read are asked from another node", async () => {
  const world = createTestWorld();
  world.nodes[1].unreadable.add("members");
  const seen: Observation[] = [];
  const observer = startObserver(world.taps, world.clock, (one) => seen.push(one));
  await world.clock.pass(4000);
  await world.clock.drive(observer.stop());
  const asked = seen.filter((one) => one.kind === "dqlite" && one.member.address === world.nodes[1].address);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every((one) => one.kind === "dqlite" && !one.own && one.node !== "k8s02")).toBe(true);
});

test("hung taps use up their deadline and do not hold up the others", async () => {
  const world = createTestWorld();
  world.nodes[0].hung.add("unit").add("cache");
  const { ladder, tookMs } = await ask(world);
  expect(ladder.nodes[0]?.verdicts.map(({ state }) => state)).toEqual(["unknown", "ok", "ok", "ok", "unknown"]);
  expect(ladder.nodes[1]?.verdicts.every(({ state }) => state === "ok")).toBe(true);
  expect(tookMs).toBeLessThanOrEqual(DOCTOR_BUDGET_MS + 200);
});

test("a Watch that ended is opened anew", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(3000);
  for (const end of world.nodes[0].streams) end();
  await world.clock.pass(4000);
  const feed = observer.ladder().nodes[0]?.verdicts.find(({ rung }) => rung === "feed");
  await world.clock.drive(observer.stop());
  expect(feed?.state).toBe("ok");
  expect(world.nodes.map(({ streams }) => streams.size)).toEqual([0, 0, 0]);
});

/** What the second node's feed is said to be within the next seconds, each word once, in order. */
async function feedHistory(world: TestWorld, observer: Observer, seconds: number): Promise<readonly string[]> {
  const said: string[] = [];
  for (let step = 0; step < seconds * 10; step += 1) {
    await world.clock.pass(100);
    const feed = observer.ladder().nodes[1]?.verdicts.find(({ rung }) => rung === "feed");
    if (feed !== undefined && said.at(-1) !== feed.state) said.push(feed.state);
  }
  return said;
}

/** Older than what a stream is trusted for. */
const LONG_WATCH_MS = FEED_STREAM_TRUSTED_MS + 60_000;

test("under a long --watch our own stream that became mute is opened anew once, and the feed is not called broken", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(LONG_WATCH_MS);
  for (const stream of world.nodes[1].streams) world.nodes[1].muted.add(stream);
  expect(await feedHistory(world, observer, 30)).toEqual(["ok", "unknown", "ok"]);
  await world.clock.drive(observer.stop());
  expect(world.nodes.map(({ watchesOpened }) => watchesOpened)).toEqual([1, 2, 1]);
});

test("under a long --watch a feed that dies is named within 12 s, on the evidence of a new stream, and stays", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(LONG_WATCH_MS);
  world.killFeed(world.nodes[1]);
  expect(await feedHistory(world, observer, 12)).toEqual(["ok", "unknown", "broken"]);
  expect(await feedHistory(world, observer, 300)).toEqual(["broken"]);
  await world.clock.drive(observer.stop());
  expect(world.nodes.map(({ watchesOpened }) => watchesOpened)).toEqual([1, 2, 1]);
});

test("a feed that dies under a young stream is named within 10 s, and its stream is left alone", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  await world.clock.pass(30_000);
  world.killFeed(world.nodes[1]);
  expect(await feedHistory(world, observer, 10)).toEqual(["ok", "broken"]);
  await world.clock.drive(observer.stop());
  expect(world.nodes[1].watchesOpened).toBe(1);
});

test.each(["connection-refused", "permission-denied", "deadline"] as const)(
  "a Watch that cannot be opened is unknown for its own reason: %s",
  async (reason) => {
    const world = createTestWorld();
    const [first, ...rest] = world.taps;
    const watchLeases: NodeTaps["watchLeases"] = (handlers) => {
      handlers.onEnd(reason, "no Watch");
      return { requestProgress: () => undefined, close: () => undefined };
    };
    const observer = startObserver([{ ...first, watchLeases } as NodeTaps, ...rest], world.clock);
    await world.clock.pass(3000);
    const feed = observer.ladder().nodes[0]?.verdicts.find(({ rung }) => rung === "feed");
    await world.clock.drive(observer.stop());
    expect(feed).toMatchObject({ state: "unknown", reason });
  },
);

test("nothing is observed after the stop, and reading costs no write", async () => {
  const world = createTestWorld();
  let count = 0;
  const observer = startObserver(world.taps, world.clock, () => {
    count += 1;
  });
  await world.clock.pass(2000);
  await world.clock.drive(observer.stop());
  const atStop = count;
  await world.clock.pass(10_000);
  expect(count).toBe(atStop);
  expect(world.leases.requests).toEqual([]);
});

test("a tap that throws is a bug, and whoever waits is told", async () => {
  const world = createTestWorld();
  const [first, ...rest] = world.taps;
  const broken = { ...first, readRevision: () => Promise.reject(new Error("a bug")) } as (typeof world.taps)[number];
  const observer = startObserver([broken, ...rest], world.clock);
  await expect(world.clock.drive(observer.until(() => false, 5000))).rejects.toThrow("a bug");
});

test("an abort ends the wait at once", async () => {
  const world = createTestWorld();
  const observer = startObserver(world.taps, world.clock);
  const abort = new AbortController();
  const waiting = observer.until(() => false, 60_000, abort.signal);
  await world.clock.pass(500);
  abort.abort();
  await world.clock.drive(waiting);
  expect(world.clock.monotonicMs()).toBeLessThan(1000);
  await world.clock.drive(observer.stop());
});
