import { afterEach, expect, test } from "vitest";
import { createWarmWorld } from "../world/warm-world.ts";
import { createLabFaults, faultList, type FaultRequest } from "./faults.ts";

const NOTHING: FaultRequest = { id: "poll-death", nodes: [], forMs: null, parameters: {} };

const { driver, world } = await createWarmWorld({
  seed: 1,
  startMs: Date.UTC(2026, 5, 24, 16, 0),
  spec: {
    nodes: [1, 2, 3].map((at) => ({ name: `k8s0${at}`, address: `127.0.0.1${at}` })),
    release: "1.35",
    workload: "idle",
  },
});
const faults = createLabFaults(world);
afterEach(() => faults.heal());

function cut(): boolean {
  return !world.network.passes("k8s01", "k8s02");
}

test("what is not given is drawn, and what is given is kept, also when it decides what the fault is about", () => {
  for (let turn = 0; turn < 10; turn += 1) {
    const { plan } = faults.start({ ...NOTHING, nodes: ["k8s02"], forMs: 26_000 });
    expect(plan).toMatchObject({ nodes: ["k8s02"], durationMs: 26_000, parameters: { how: "port-blocked" } });
    faults.heal();
  }
  expect(faults.start({ ...NOTHING, id: "packet-delay" }).plan.fault).toBe("packet-delay");
});

test("it lasts as long as it was asked for, and is undone then, or at once by heal", async () => {
  faults.start({ ...NOTHING, id: "partition", nodes: ["k8s01"], forMs: 5000 });
  expect([cut(), faults.active().length]).toEqual([true, 1]);
  await driver.runUntil(driver.sim.nowMs() + 6000);
  expect([cut(), faults.active().length]).toEqual([false, 0]);
  faults.start({ ...NOTHING, id: "partition", nodes: ["k8s01"], forMs: 5000 });
  expect(faults.heal()).toHaveLength(1);
  expect(cut()).toBe(false);
  await driver.runUntil(driver.sim.nowMs() + 6000);
});

test("mistakes are told in one line and change nothing", () => {
  const refused = (change: Partial<FaultRequest>) => () => faults.start({ ...NOTHING, ...change });
  expect(refused({ id: "bad-weather" })).toThrow('there is no fault "bad-weather"');
  expect(refused({ id: "quorate-kill" })).toThrow("there is no fault");
  expect(refused({ nodes: ["k8s09"] })).toThrow("there is no node k8s09; the lab has k8s01, k8s02, k8s03");
  expect(refused({ parameters: { colour: "red" } })).toThrow("poll-death has no parameter colour; it has: how");
  expect(refused({ parameters: { how: "magic" } })).toThrow(/how=leader-paused\|port-blocked/);
  expect(faults.active()).toEqual([]);
});

test("every fault of the list can be started and healed here", async () => {
  for (const { id } of faultList()) {
    faults.start({ ...NOTHING, id, forMs: 3000 });
    await driver.runUntil(driver.sim.nowMs() + 1000);
    faults.heal();
  }
  expect(faults.active()).toEqual([]);
});
