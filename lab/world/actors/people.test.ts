import { expect, test } from "vitest";
import { isConditionTrue } from "../controllers/values.ts";
import type { UnitChange } from "../host/host.ts";
import { OPERATOR_MACHINE, UNITS, type World } from "../world.ts";
import { ansibleRestart, type AnsibleRun, homeUpdate } from "./ansible.ts";
import { operatorCordon, operatorRestart } from "./operator.ts";
import { snapRefresh } from "./snapd.ts";
import { createTestWorld } from "./test-world.ts";

/** Every start and stop from now on, with its time since now. */
function follow(world: World) {
  const beganAtMs = world.sim.nowMs();
  const changes: (UnitChange & { readonly afterMs: number })[] = [];
  for (const { host } of world.nodes) {
    host.systemd.onChange((change) => changes.push({ ...change, afterMs: world.sim.nowMs() - beganAtMs }));
  }
  const of = (what: UnitChange["what"]) => changes.filter((change) => change.what === what);
  return { changes, of };
}

test("a parallel Ansible restart stops the datastore of two nodes in the same second", async () => {
  const { world, pass } = await createTestWorld("idle");
  const { of } = follow(world);
  const runs: AnsibleRun[] = [];
  ansibleRestart(world, ["k8s01", "k8s03"], UNITS.datastore, {}, (run) => runs.push(run));
  await pass(20_000);
  const stops = of("stopping");
  expect(stops.map(({ node, by }) => [node, by]).sort(byText)).toEqual([
    ["k8s01", "ansible"],
    ["k8s03", "ansible"],
  ]);
  expect(Math.abs((stops[0]?.afterMs ?? 0) - (stops[1]?.afterMs ?? 9999))).toBeLessThan(1000);
  expect(runs[0]?.results.map(({ node, outcome }) => `${node} ${outcome}`).sort(byText)).toEqual([
    "k8s01 changed",
    "k8s03 changed",
  ]);
});

test("with serial 1 the second node's restart begins after the first one's sleep; the play does not wait for the wrapper's", async () => {
  const { world, pass } = await createTestWorld("idle");
  const { of } = follow(world);
  ansibleRestart(world, ["k8s01", "k8s03"], UNITS.datastore, { serial: 1 });
  await pass(40_000);
  const [first, second] = of("stopping");
  const [started] = of("started");
  expect([first?.node, second?.node]).toEqual(["k8s01", "k8s03"]);
  const gapMs = (second?.afterMs ?? 0) - (started?.afterMs ?? 0);
  expect(gapMs).toBeGreaterThanOrEqual(10_000);
  expect(gapMs).toBeLessThan(12_000);
});

test("a node that does not answer is unreachable, and the play goes on", async () => {
  const { world, pass } = await createTestWorld("idle");
  world.network.cut("k8s01", OPERATOR_MACHINE);
  const runs: AnsibleRun[] = [];
  ansibleRestart(world, ["k8s01", "k8s02"], UNITS.kubelite, { serial: 1, sleepMs: 0 }, (run) => runs.push(run));
  await pass(60_000);
  expect(runs[0]?.results.map(({ outcome }) => outcome)).toEqual(["unreachable", "changed"]);
});

test("an async task leaves before systemctl returns", async () => {
  const { world, pass } = await createTestWorld("idle");
  const { of } = follow(world);
  const doneAtMs: number[] = [];
  const beganAtMs = world.sim.nowMs();
  const options = { async: true, sleepMs: 0 };
  ansibleRestart(world, ["k8s02"], UNITS.kubelite, options, () => doneAtMs.push(world.sim.nowMs() - beganAtMs));
  await pass(20_000);
  expect(doneAtMs[0]).toBeLessThan(of("started")[0]?.afterMs ?? 0);
});

test("the play of the incident: two datastores at once 14 min 5 s after its begin, two kubelites a few seconds later", async () => {
  const { world, pass } = await createTestWorld("idle");
  const { of } = follow(world);
  homeUpdate(world, ["k8s01", "k8s03"]);
  await pass(900_000);
  const seconds = (unit: string) =>
    of("stopping")
      .filter((one) => one.unit === unit)
      .map(({ afterMs }) => Math.floor(afterMs / 1000));
  expect(seconds(UNITS.datastore)).toEqual([845, 845]);
  expect(seconds(UNITS.kubelite).every((second) => second >= 847 && second <= 852)).toBe(true);
  expect(world.nodes.map(({ host }) => host.disk.syncMs)).toEqual(
    [world.nodes[1]?.host.disk.syncMs, 1, 1].map(() => world.nodes[1]?.host.disk.syncMs),
  );
});

test("an operator's bare restart is systemctl's own, by the operator", async () => {
  const { world, pass } = await createTestWorld("idle");
  const { of } = follow(world);
  const done: number[] = [];
  operatorRestart(world, "k8s02", UNITS.datastore, () => done.push(1));
  await pass(10_000);
  expect(of("stopping").map(({ node, unit, by }) => [node, unit, by])).toEqual([
    ["k8s02", UNITS.datastore, "operator"],
  ]);
  expect(done).toHaveLength(1);
});

test("snapd stops both units and starts both; the node is well again after", async () => {
  const { world, pass, all } = await createTestWorld("idle");
  const { of } = follow(world);
  snapRefresh(world, "k8s02");
  await pass(90_000);
  expect(of("stopping").map(({ by }) => by)).toEqual(["snapd", "snapd"]);
  expect(of("started").map(({ by }) => by)).toEqual(["snapd", "snapd"]);
  expect(all("minions").every((node) => isConditionTrue(node, "Ready"))).toBe(true);
});

test("a cordoned node gets no new pods until it is uncordoned", async () => {
  const { world, pass, all, send } = await createTestWorld("small");
  const podsOn = (name: string) => all("pods").filter((pod) => pod.spec?.["nodeName"] === name).length;
  operatorCordon(world, { node: "k8s02", isCordoned: true });
  await pass(1000);
  const before = podsOn("k8s02");
  const scale = (replicas: number) =>
    send({
      method: "PATCH",
      path: "/apis/apps/v1/namespaces/shop/deployments/web",
      contentType: "application/merge-patch+json",
      body: { spec: { replicas } },
    });
  await scale(9);
  await pass(10_000);
  expect(podsOn("k8s02")).toBe(before);
  operatorCordon(world, { node: "k8s02", isCordoned: false });
  await pass(1000);
  await scale(12);
  await pass(10_000);
  expect(podsOn("k8s02")).toBeGreaterThan(before);
});

function byText(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}
