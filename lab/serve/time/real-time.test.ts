import { afterEach, expect, test } from "vitest";
import { createSim } from "../../sim/sim.ts";
import { type RealTime, startRealTime } from "./real-time.ts";

let time: RealTime | null = null;
afterEach(() => time?.stop());

function start(speed: number, onFailure: (error: unknown) => void = () => {}) {
  const driver = createSim({ seed: 1, startMs: 1000 });
  const started = startRealTime({ driver, speed, onFailure });
  time = started;
  return { sim: driver.sim, time: started };
}

test("what is due happens when the wall clock says so, many times as fast when asked", async () => {
  const { sim, time } = start(100);
  const happened = Promise.withResolvers<number>();
  const beganAtMs = performance.now();
  time.enter(() => sim.after(10_000, () => happened.resolve(performance.now() - beganAtMs)));
  const tookMs = await happened.promise;
  expect(tookMs).toBeGreaterThan(80);
  expect(tookMs).toBeLessThan(2000);
});

test("acts run in their order, as of now, with what follows from them at once", async () => {
  const { sim, time } = start(1);
  const seen: string[] = [];
  await new Promise((resolve) => setTimeout(resolve, 30));
  const done = Promise.withResolvers<void>();
  time.enter(() => {
    seen.push("one");
    expect(sim.nowMs()).toBeGreaterThanOrEqual(1025);
    sim.after(0, () => seen.push("its consequence"));
  });
  time.enter(() => seen.push("two"));
  time.onAdvance(() => seen.includes("its consequence") && done.resolve());
  await done.promise;
  expect(seen).toEqual(["one", "two", "its consequence"]);
});

test("a bug in the world is told once, and nothing runs after it", async () => {
  const failures: unknown[] = [];
  const { sim, time } = start(1, (error) => failures.push(error));
  let ran = 0;
  time.enter(() => {
    throw new Error("a bug");
  });
  time.enter(() => sim.after(1, () => (ran += 1)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(failures).toEqual([new Error("a bug")]);
  expect(ran).toBe(0);
});
