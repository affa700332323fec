import { describe, expect, it } from "vitest";
import { deadlineIn } from "../../net/deadline.ts";
import { createSlots } from "./slots.ts";

describe("slots", () => {
  it("never hand out more than there are, and hand on in order", async () => {
    const slots = createSlots(2);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const giveBack = await slots.take(deadlineIn(5_000), "k8s01");
        inside += 1;
        most = Math.max(most, inside);
        order.push(index);
        await new Promise((resolve) => setTimeout(resolve, 1));
        inside -= 1;
        giveBack();
        giveBack();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("refuse at the deadline, and the slot is not lost", async () => {
    const slots = createSlots(1);
    const giveBack = await slots.take(deadlineIn(1_000), "k8s01");
    await expect(slots.take(deadlineIn(20), "k8s01")).rejects.toMatchObject({ reason: "deadline" });
    giveBack();
    (await slots.take(deadlineIn(20), "k8s01"))();
    (await slots.take(deadlineIn(20), "k8s01"))();
  });
});
