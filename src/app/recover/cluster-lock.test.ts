import { expect, test } from "vitest";
import { known } from "../../core/model/observed.ts";
import { callRecover, deadFeed, runRecover } from "./test-recover.ts";

test("the lock is taken and given back through another member's apiserver when the target's does not answer", async () => {
  const scene = await deadFeed();
  scene.world.nodes[1].hung.add("lock");
  expect(await runRecover(scene)).toMatchObject({ end: "ran", node: "k8s02", result: "cured" });
  expect(scene.world.restarts()).toHaveLength(1);
  expect(scene.world.leases.lease()?.spec?.holderIdentity ?? "").toBe("");
});

test("another holder is seen through another member's apiserver too, and refuses", async () => {
  const scene = await deadFeed();
  scene.world.nodes[1].hung.add("lock");
  scene.world.takeLock("ansible/deploy-7");
  expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "refused" });
  expect(scene.world.restarts()).toEqual([]);
});

test("a node of another cluster, named by mistake, is not asked for the lock", async () => {
  const scene = await deadFeed();
  scene.world.nodes[1].hung.add("lock");
  const foreign = { id: "99", address: "192.0.2.99:19001" };
  const asked: string[] = [];
  const taps = scene.world.taps.map((one) =>
    one.node === "k8s02"
      ? one
      : {
          ...one,
          readMembers: () => Promise.resolve(known({ own: foreign, all: [foreign] })),
          lock: { ...one.lock, read: () => (asked.push(one.node), one.lock.read(1000)) },
        },
  );
  const end = await scene.world.clock.drive(callRecover({ ...scene, world: { ...scene.world, taps } }));
  expect(end).toMatchObject({ end: "ran", result: "refused" });
  expect(asked).toEqual([]);
  expect(scene.world.restarts()).toEqual([]);
});

test("a take that was not answered and happened is found by the next way: one holder, one restart", async () => {
  const scene = await deadFeed();
  let writes = 0;
  scene.world.leases.fault = ({ method }) => (method !== "GET" && (writes += 1) === 1 ? "lost-answer" : null);
  expect(await runRecover(scene)).toMatchObject({ end: "ran", result: "cured" });
  expect(scene.world.restarts()).toHaveLength(1);
  expect(writes).toBeGreaterThan(1);
});
