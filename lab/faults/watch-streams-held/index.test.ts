import { expect, test } from "vitest";
import { createTestWorld, plan } from "../test-world.ts";
import { watchStreamsHeld } from "./index.ts";

test("holds the apiserver's streams of one node, and lets go when the last one is undone", () => {
  const { world, quorate, did } = createTestWorld();
  const undos = [1, 2].map(() =>
    watchStreamsHeld.start(world, quorate, plan("watch-streams-held", ["k8s01"], { whose: "apiserver" })),
  );
  undos[1]?.();
  expect(did).toEqual(["k8s01 hold microk8s.daemon-kubelite"]);
  undos[0]?.();
  expect(did).toEqual(["k8s01 hold microk8s.daemon-kubelite", "k8s01 let go microk8s.daemon-kubelite"]);
});

test("or everybody's", () => {
  const { world, quorate, did } = createTestWorld();
  watchStreamsHeld.start(world, quorate, plan("watch-streams-held", ["k8s01"], { whose: "all" }))();
  expect(did).toEqual(["k8s01 hold all", "k8s01 let go all"]);
});
