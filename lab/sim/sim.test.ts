import { expect, test } from "vitest";
import { createPrng } from "./prng.ts";
import { createSim } from "./sim.ts";

const START_MS = Date.UTC(2026, 5, 24, 15, 30);

test("callbacks run in the order of their time, then of their making", async () => {
  const { sim, runUntil } = createSim({ seed: 1, startMs: START_MS });
  const seen: string[] = [];
  sim.after(20, () => seen.push("c"));
  sim.after(10, () => seen.push("a"));
  sim.after(10, () => seen.push("b"));
  sim.after(15, () => seen.push("never")).cancel();
  await runUntil(START_MS + 20);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(sim.nowMs()).toBe(START_MS + 20);
});

test("a thousand timers of drawn times come out sorted", async () => {
  const { sim, runUntil } = createSim({ seed: 7, startMs: 0 });
  const draws = sim.random("test");
  const seen: number[] = [];
  for (let made = 0; made < 1000; made += 1) sim.after(draws.between(0, 500), () => seen.push(sim.nowMs()));
  await runUntil(500);
  expect(seen).toHaveLength(1000);
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
});

test("everything that follows from a settled promise happens before the next callback", async () => {
  const { sim, drive } = createSim({ seed: 1, startMs: 0 });
  const seen: string[] = [];
  const chain = async () => {
    await sim.clock.sleep(10);
    for (let deep = 0; deep < 50; deep += 1) await Promise.resolve();
    seen.push("deep");
    await sim.clock.sleep(5);
    seen.push("later");
  };
  const running = chain();
  sim.after(10, () => seen.push("tie"));
  await drive(running, 100);
  expect(seen).toEqual(["deep", "tie", "later"]);
});

test("a sleep ends at once, and without an error, when it is aborted", async () => {
  const { sim, drive } = createSim({ seed: 1, startMs: 0 });
  const abort = new AbortController();
  sim.after(3, () => abort.abort());
  await drive(sim.clock.sleep(1000, abort.signal), 2000);
  expect(sim.nowMs()).toBe(3);
});

test("driving what never settles is an error, not a hang", async () => {
  const { drive } = createSim({ seed: 1, startMs: 0 });
  await expect(drive(new Promise(() => undefined), 1000)).rejects.toThrow(/not settled/);
});

test("a stream of randomness depends on seed and name, and not on the other streams", () => {
  const one = createSim({ seed: 5, startMs: 0 }).sim;
  const other = createSim({ seed: 5, startMs: 0 }).sim;
  one.random("network").next();
  const draw = (sim: typeof one) => [1, 2, 3].map(() => sim.random("disk").between(0, 1_000_000));
  expect(draw(one)).toEqual(draw(other));
  expect(createPrng(5, "a").hex(32)).not.toBe(createPrng(5, "b").hex(32));
  expect(createPrng(5, "a").hex(32)).not.toBe(createPrng(6, "a").hex(32));
  expect(createPrng(2 ** 40 + 5, "a").hex(32)).not.toBe(createPrng(5, "a").hex(32));
});

test("draws are spread evenly over their range", () => {
  const draws = createPrng(11, "spread");
  const counts = [0, 0, 0, 0, 0];
  for (let drawn = 0; drawn < 50_000; drawn += 1) counts[draws.between(0, 4)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
