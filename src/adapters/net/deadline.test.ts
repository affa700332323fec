import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { deadlineIn } from "./deadline.ts";

it("gives what comes in time, and no more than the time that is left", async () => {
  const deadline = deadlineIn(5_000);
  expect(await deadline.hold(Promise.resolve(7), "n1")).toBe(7);
  expect(deadline.leftMs()).toBeLessThanOrEqual(5_000);
  await expect(deadline.hold(Promise.reject(new Error("no")), "n1")).rejects.toThrow("no");
});

it("is one deadline for all steps, and never negative", async () => {
  const deadline = deadlineIn(30);
  await sleep(40);
  expect(deadline.leftMs()).toBe(0);
  const never = new Promise<never>(() => undefined);
  await expect(deadline.hold(never, "n1: connecting")).rejects.toMatchObject({
    reason: "deadline",
    message: "n1: connecting: no answer within 30 ms",
  });
});

it("hands on what comes too late, once, and swallows a late failure", async () => {
  const late: number[] = [];
  const dispose = (value: number): void => void late.push(value);
  await expect(deadlineIn(10).hold(sleep(40, 7), "n1", dispose)).rejects.toMatchObject({ reason: "deadline" });
  const failing = sleep(40).then((): number => {
    throw new Error("too late to matter");
  });
  await expect(deadlineIn(10).hold(failing, "n1", dispose)).rejects.toMatchObject({ reason: "deadline" });
  await sleep(80);
  expect(late).toEqual([7]);
});
