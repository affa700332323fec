import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { play } from "../../conformance/play.ts";
import { questionsOf } from "../../conformance/question.ts";
import { SCENES } from "../../conformance/scenes.ts";
import { createTwinWorld, type TwinWorld } from "../../conformance/twin-world.ts";
import { status, waitUntilWhole } from "../lib/twin.ts";
import { makeWhole } from "./support/cluster.ts";

/**
 * The real k8s-dqlite is the judge. Above the stand-in's dead feed a new kubelite ended after 73 s in one run and not
 * within 90 s in another; above the real one's after 65 and 71 s.
 */
const REAL_DATASTORE_ONLY: ReadonlySet<string> = new Set(["restart-kubelite-only"]);

let world: TwinWorld;
let isStandIn = false;

beforeAll(async () => {
  await makeWhole();
  world = createTwinWorld();
  isStandIn = (await status()).datastore?.kind === "stand-in";
});

afterAll(() => world.close());

describe.each(SCENES)("the real parts, asked in the scene $id, answer what the lab is held to", (scene) => {
  const answered = new Map<string, readonly string[]>();
  beforeAll(async () => {
    await waitUntilWhole();
    for (const { question, problems } of await play(world, scene)) answered.set(question.id, problems);
  });
  for (const { id, asks } of questionsOf(scene))
    test(`${id}: ${asks}`, ({ skip }) => {
      skip(isStandIn && REAL_DATASTORE_ONLY.has(id), "only the real k8s-dqlite answers this reliably");
      expect(answered.get(id)).toEqual([]);
    });
});
