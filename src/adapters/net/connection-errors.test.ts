import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { toTapError } from "./connection-errors.ts";

it("takes a relay that was destroyed under a request for a broken connection", async () => {
  const relay = Duplex.from({ readable: new PassThrough(), writable: new PassThrough() });
  relay.destroy();
  const [error] = (await once(relay, "error", { signal: AbortSignal.timeout(5_000) }).catch((thrown: unknown) => [
    thrown,
  ])) as [unknown];
  expect(toTapError(error, "Range at localhost")).toMatchObject({
    reason: "protocol",
    message: expect.stringContaining("ABORT_ERR"),
  });
});

it("hands on what is a bug", () => {
  const bug = new TypeError("x is not a function");
  expect(() => toTapError(bug, "Range at localhost")).toThrow(bug);
});
