import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { play } from "../../conformance/play.ts";
import { questionsOf } from "../../conformance/question.ts";
import { SCENES } from "../../conformance/scenes.ts";
import { createTwinWorld, type TwinWorld } from "../../conformance/twin-world.ts";
import { waitUntilWhole } from "../lib/twin.ts";
import { makeWhole } from "./support/cluster.ts";

let world: TwinWorld;

beforeAll(async () => {
  await makeWhole();
  world = createTwinWorld();
});

afterAll(() => world.close());

describe.each(SCENES)("the real parts, asked in the scene $id, answer what the lab is held to", (scene) => {
  const answered = new Map<string, readonly string[]>();
  beforeAll(async () => {
    await waitUntilWhole();
    for (const { question, problems } of await play(world, scene)) answered.set(question.id, problems);
  });
  test.each(questionsOf(scene))("$id: $asks", ({ id }) => expect(answered.get(id)).toEqual([]));
});
