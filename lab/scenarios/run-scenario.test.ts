import { expect, test } from "vitest";
import { runScenario } from "./run-scenario.ts";
import type { Stage } from "./stage.ts";
import type { Verb } from "./verb.ts";

const stage = {} as Stage;
const say: Verb = { id: "say", usage: "say WORDS", run: (_stage, args) => args.rest() };
const nothing: Verb = { id: "nothing", usage: "nothing", run: () => [] };
const blank: Verb = { id: "blank", usage: "blank", run: () => [""] };
const play = (text: string) => runScenario(text, { verbs: [say, nothing, blank], stage });

test("commands of one block print one after the other, and a wrong expectation is replaced", async () => {
  const text = "# c\nsay one\nnothing\nsay two\n----\nthree\n\nnothing\n----\nfour\n";
  const played = await play(text);
  expect(played).toBe("# c\nsay one\nnothing\nsay two\n----\none\ntwo\n\nnothing\n----\n");
  expect(await play(played)).toBe(played);
});

test("an argument that no verb reads is a mistake, and so is a verb that does not exist", async () => {
  await expect(play("nothing at=all\n----\n")).rejects.toThrow("line 1: nothing: what is at=all?");
  await expect(play("sing\n----\n")).rejects.toThrow("no verb sing");
});

test("no verb can print what would end its own output", async () => {
  await expect(play("blank\n----\n")).rejects.toThrow("would end the output");
});

test("tells of each command as it is played", async () => {
  const told: string[] = [];
  await runScenario("say a b\nnothing\n----\n", {
    verbs: [say, nothing],
    stage,
    onOutput: (lines) => told.push(...lines),
  });
  expect(told).toEqual(["> say a b", "a", "b", "> nothing"]);
});
