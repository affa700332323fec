import { expect, test } from "vitest";
import { createSim } from "../sim/sim.ts";
import { createProcess } from "./process.ts";

function setUp() {
  const { sim, runUntil } = createSim({ seed: 1, startMs: 0 });
  const process = createProcess(sim, { node: "k8s01", program: "test", pid: 7 });
  const seen: string[] = [];
  const see = (what: string) => () => seen.push(`${what}@${sim.nowMs()}`);
  return { sim, runUntil, process, seen, see };
}

const KILLED = { code: "killed", signal: "KILL" } as const;

test("what falls due during a pause happens at the resume, in its order", async () => {
  const { sim, runUntil, process, seen, see } = setUp();
  process.after(10, see("a"));
  sim.after(5, () => process.pause());
  process.after(20, see("b"));
  sim.after(15, () => process.deliver(see("message")));
  sim.after(30, () => process.resume());
  await runUntil(100);
  expect(seen).toEqual(["a@30", "message@30", "b@30"]);
});

test("a timer that was cancelled while it waited for the resume never runs", async () => {
  const { sim, runUntil, process, seen, see } = setUp();
  process.pause();
  const timer = process.after(10, see("timer"));
  sim.after(20, () => timer.cancel());
  sim.after(30, () => process.resume());
  await runUntil(100);
  expect(seen).toEqual([]);
});

test("a ticker gives one tick for all that it missed in a pause, and keeps its beat", async () => {
  const { sim, runUntil, process, seen, see } = setUp();
  process.every(10, see("tick"));
  sim.after(15, () => process.pause());
  sim.after(47, () => process.resume());
  await runUntil(70);
  expect(seen).toEqual(["tick@10", "tick@47", "tick@50", "tick@60", "tick@70"]);
});

test("a ticker ends when it is cancelled within its own tick, and a period of nothing is refused", async () => {
  const { runUntil, process, seen, see } = setUp();
  const ticker = process.every(10, () => {
    see("tick")();
    ticker.cancel();
  });
  await runUntil(50);
  expect(seen).toEqual(["tick@10"]);
  expect(() => process.every(0, see("never"))).toThrow(RangeError);
});

test("a pause within the resume holds back the rest", async () => {
  const { runUntil, process, seen, see } = setUp();
  process.pause();
  process.deliver(() => {
    see("first")();
    process.pause();
  });
  process.deliver(see("second"));
  process.resume();
  expect(seen).toEqual(["first@0"]);
  process.resume();
  expect(seen).toEqual(["first@0", "second@0"]);
  await runUntil(1);
});

test("nothing happens in a process after its end, whatever was under way", async () => {
  const { sim, runUntil, process, seen, see } = setUp();
  process.after(10, see("timer"));
  process.every(4, see("tick"));
  sim.after(5, () => process.end(KILLED));
  sim.after(6, () => process.deliver(see("message")));
  sim.after(7, () => process.resume());
  await runUntil(100);
  expect(seen).toEqual(["tick@4"]);
  expect(process.state).toBe("ended");
});

test("the end is told once, in the order of asking, and not to who was forgotten by an earlier listener", async () => {
  const { runUntil, process, seen, see } = setUp();
  process.onEnd(() => {
    see("first")();
    forget();
  });
  const forget = process.onEnd(see("forgotten"));
  process.onEnd((how) => see(how.code)());
  process.end(KILLED);
  process.end({ code: "exited", status: 0 });
  await runUntil(10);
  expect(seen).toEqual(["first@0", "killed@0"]);
});

test("who asks about the end of a process that is gone is told next, and not within the asking", async () => {
  const { runUntil, process, seen, see } = setUp();
  process.end(KILLED);
  process.onEnd(see("late"));
  process.onEnd(see("forgotten"))();
  expect(seen).toEqual([]);
  await runUntil(1);
  expect(seen).toEqual(["late@0"]);
});
