import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { playInLab } from "./lab-world.ts";
import type { Answered } from "./play.ts";
import { questionsOf } from "./question.ts";
import { SCENES } from "./scenes.ts";

const SEEDS = [1, 2, 3];

describe.each(SCENES)("the lab, asked in the scene $id, answers as the real parts did", (scene) => {
  const answered = new Map<string, readonly string[]>();
  beforeAll(async () => {
    for (const seed of SEEDS) {
      const all: readonly Answered[] = await playInLab(scene, seed);
      for (const { question, problems } of all) {
        const told = problems.map((problem) => `seed ${seed}: ${problem}`);
        answered.set(question.id, [...(answered.get(question.id) ?? []), ...told]);
      }
    }
  });
  test.each(questionsOf(scene))("$id: $asks", ({ id }) => expect(answered.get(id)).toEqual([]));
});

test("each question has a file of its name, and is asked once", () => {
  const files = readdirSync(join(import.meta.dirname, "questions")).map((file) => file.replace(/\.ts$/, ""));
  const asked = SCENES.flatMap(questionsOf).map(({ id }) => id);
  expect(asked.toSorted()).toEqual(files.toSorted());
});
