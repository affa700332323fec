import { expect, test } from "vitest";
import { UNITS } from "../world.ts";
import { stateAfter, startReviewMonitoring } from "./review-monitoring.ts";
import { createTestWorld } from "./test-world.ts";

const WHERE = { atMs: 0, node: "k8s01", check: "microk8s-kine" } as const;

test("a failure is told at the third attempt in a row, a recovery at once", () => {
  const bad = { state: "CRITICAL", text: "" } as const;
  const first = stateAfter(undefined, bad, WHERE);
  const second = stateAfter(first, bad, WHERE);
  const third = stateAfter(second, bad, WHERE);
  expect([first, second, third].map(({ isHard, attempt }) => [isHard, attempt])).toEqual([
    [false, 1],
    [false, 2],
    [true, 3],
  ]);
  expect(stateAfter(third, { state: "OK", text: "" }, WHERE)).toMatchObject({ isHard: true, attempt: 1 });
  expect(stateAfter(second, { state: "OK", text: "" }, WHERE).attempt).toBe(1);
});

test("on a healthy cluster with work all checks are OK for 40 minutes", async () => {
  const { world, pass } = await createTestWorld("pir");
  const monitoring = startReviewMonitoring(world);
  await pass(2_400_000);
  expect(monitoring.current()).toHaveLength(12);
  expect(monitoring.timeline.filter(({ state }) => state !== "OK")).toEqual([]);
});

test("a frozen node that leads: its own canary tells it 10 to 15 min later, pods' age half an hour later everywhere", async () => {
  const { world, pass, sim, holder } = await createTestWorld("pir");
  const monitoring = startReviewMonitoring(world);
  await pass(300_000);
  const frozen = holder() ?? "";
  const frozenAtMs = sim.nowMs();
  world.node(frozen).datastore.holdStreams?.("microk8s.daemon-kubelite");
  await pass(3_000_000);
  const alerts = monitoring
    .alerts(frozenAtMs)
    .map(({ check, node, atMs }) => ({ check, node, afterMs: atMs - frozenAtMs }));
  const canary = alerts.filter(({ check }) => check === "microk8s-watch-cache");
  expect(canary.map(({ node }) => node)).toEqual([frozen]);
  expect(canary[0]?.afterMs).toBeGreaterThanOrEqual(600_000);
  expect(canary[0]?.afterMs).toBeLessThanOrEqual(905_000);
  const age = alerts.filter(({ check }) => check === "microk8s-newest-pod-age");
  expect(age).toHaveLength(3);
  expect(age.every(({ afterMs }) => afterMs > 1_800_000)).toBe(true);
});

test("a node whose kubelite is down: nobody can tell its cache, which is unknown; a node without power does not answer", async () => {
  const { world, pass } = await createTestWorld("idle");
  const monitoring = startReviewMonitoring(world);
  world.node("k8s02").host.systemd.stop(UNITS.kubelite, "operator");
  world.node("k8s03").host.powerOff();
  await pass(320_000);
  const state = (node: string, check: string) =>
    monitoring.current().find((one) => one.node === node && one.check === check)?.state;
  expect(state("k8s02", "microk8s-watch-cache")).toBe("UNKNOWN");
  expect(state("k8s03", "microk8s-watch-cache")).toBe("CRITICAL");
  expect(monitoring.current().find(({ node }) => node === "k8s03")?.text).toMatch(/Socket timeout/);
});
