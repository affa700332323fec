import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { paintFor } from "./draw.ts";
import type { DemoEvent } from "./event.ts";
import { createStepper } from "./stepper.ts";
import { createTeller } from "./teller.ts";

const chapter = (title: string): DemoEvent => ({ kind: "chapter", atMs: 0, title });

function teller(speed: number, step: (() => Promise<void>) | null = null) {
  const printed: string[] = [];
  const slept: number[] = [];
  const abort = new AbortController();
  const made = createTeller({
    write: (text) => printed.push(text.trim()),
    paint: paintFor(false),
    speed,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    step,
    signal: abort.signal,
  });
  return { ...made, printed, slept, abort };
}

test("at speed 0 nobody waits, at speed 2 half as long as at 1", async () => {
  const waits = [];
  for (const speed of [0, 1, 2]) {
    const { tell, done, slept } = teller(speed);
    tell(chapter("one"));
    await done();
    waits.push(slept);
  }
  const [none, once, half] = waits;
  expect(none).toEqual([]);
  expect(half).toEqual(once?.map((ms) => ms / 2));
});

test("with --step each chapter but the first waits for Enter, and nobody waits for an input that has ended", async () => {
  const input = new PassThrough();
  const stepper = createStepper(input, null, new AbortController().signal);
  const { tell, done, printed } = teller(0, stepper.next);
  for (const title of ["one", "two", "three"]) tell(chapter(title));
  await new Promise((resolve) => setImmediate(resolve));
  expect(printed).toEqual(["one"]);
  input.write("\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(printed).toEqual(["one", "two"]);
  input.end();
  await done();
  expect(printed).toEqual(["one", "two", "three"]);
});

test("after Ctrl-C nothing more is printed", async () => {
  const { tell, done, printed, abort } = teller(0);
  abort.abort();
  tell(chapter("one"));
  await done();
  expect(printed).toEqual([]);
});
