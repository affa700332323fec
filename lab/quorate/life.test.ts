import { expect, test } from "vitest";
import { createSim } from "../sim/sim.ts";
import { createProcess } from "../world/process.ts";
import type { World } from "../world/world.ts";
import { createLife } from "./life.ts";

function scene() {
  const driver = createSim({ seed: 1, startMs: 0 });
  const { sim } = driver;
  const host = { isUp: true, bootedAtMs: 0, clock: { nowMs: () => sim.nowMs() } };
  const world = { host: () => host } as unknown as World;
  const process = createProcess(sim, { node: "ops", program: "quorate", pid: 1 });
  const seen: number[] = [];
  const life = createLife({ sim, world, process });
  const loop = async () => {
    for (;;) {
      await life.clock.sleep(1000);
      seen.push(sim.nowMs());
    }
  };
  return { driver, sim, host, process, life, seen, loop };
}

test("no line of it runs after a kill", async () => {
  const { driver, process, seen, loop } = scene();
  void loop();
  await driver.runUntil(2500);
  process.end({ code: "killed", signal: "KILL" });
  await driver.runUntil(60_000);
  expect(seen).toEqual([1000, 2000]);
});

test("nor after its machine lost power, also when that is back", async () => {
  const { driver, host, process, seen, loop } = scene();
  void loop();
  await driver.runUntil(2500);
  host.isUp = false;
  await driver.runUntil(10_000);
  expect(process.state).toBe("ended");
  host.isUp = true;
  await driver.runUntil(60_000);
  expect(seen).toEqual([1000, 2000]);
});

test("paused, it goes on where it was", async () => {
  const { driver, process, seen, loop } = scene();
  void loop();
  await driver.runUntil(1500);
  process.pause();
  await driver.runUntil(30_000);
  expect(seen).toEqual([1000]);
  process.resume();
  await driver.runUntil(31_500);
  expect(seen).toEqual([1000, 30_000, 31_000]);
});

test("a question without an answer ends by its deadline, and a late answer counts nothing", async () => {
  const { driver, sim, life } = scene();
  const question = life.ask(
    500,
    () => "late",
    (answer) => sim.after(800, () => answer("answered")),
  );
  expect(await driver.drive(question, 2000)).toBe("late");
  expect(sim.nowMs()).toBe(500);
});

test("a sleep ends when it is aborted", async () => {
  const { driver, sim, life } = scene();
  const abort = new AbortController();
  sim.after(300, () => abort.abort());
  await driver.drive(life.clock.sleep(5000, abort.signal), 10_000);
  expect(sim.nowMs()).toBe(300);
});
