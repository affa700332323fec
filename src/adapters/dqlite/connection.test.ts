import { duplexPair } from "node:stream";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { DqliteConnection } from "./connection.ts";
import { encodeResponse } from "./responses.ts";
import { readCapture, replay } from "./test-member.ts";

function open(limits: { requestDeadlineMs?: number; deadlineMs?: number } = {}): [DqliteConnection, Duplex, Duplex] {
  const [ours, theirs] = duplexPair();
  theirs.on("error", () => undefined);
  const options = { peer: "n1:19001", requestDeadlineMs: 5000, deadlineMs: 5000, ...limits };
  return [new DqliteConnection(ours, options), theirs, ours];
}

const NODE = encodeResponse({ kind: "node", id: 7n, address: "n1:19001" });

test("asks one thing after the other on one connection", async () => {
  const [connection, member] = open();
  replay("healthy-follower", member);
  expect(await connection.request({ kind: "leader" })).toMatchObject({ kind: "node", id: 3297041220608546238n });
  expect(await connection.request({ kind: "cluster" })).toMatchObject({ kind: "nodes" });
  expect(await connection.request({ kind: "describe" })).toMatchObject({ kind: "metadata" });
  connection.close();
});

test("handshake and first request leave in one write", async () => {
  const [connection, member] = open();
  const first = new Promise((resolve) => member.once("data", resolve));
  const asked = connection.request({ kind: "leader" });
  expect(await first).toEqual(Buffer.concat(readCapture("healthy-follower").sent.slice(0, 2)));
  connection.close();
  await expect(asked).rejects.toMatchObject({ message: "n1:19001: the connection was closed by this side" });
});

test("an answer in single bytes is the same answer", async () => {
  const [connection, member] = open();
  const asked = connection.request({ kind: "leader" });
  for (const byte of NODE) member.write(Buffer.of(byte));
  expect(await asked).toEqual({ kind: "node", id: 7n, address: "n1:19001" });
  connection.close();
});

test("a failure answer is a server-error, and the connection can be used after it", async () => {
  const [connection, member] = open();
  const asked = connection.request({ kind: "leader" });
  member.write(readCapture("not-leader").received[0]);
  await expect(asked).rejects.toMatchObject({
    reason: "server-error",
    message: "n1:19001: leader request: the member answered with failure 10250: not leader",
  });
  const again = connection.request({ kind: "leader" });
  member.write(NODE);
  expect(await again).toMatchObject({ kind: "node" });
  connection.close();
});

test("a member that never answers: deadline of the request, and the stream is destroyed", async () => {
  const [connection, , stream] = open({ requestDeadlineMs: 30 });
  await expect(connection.request({ kind: "leader" })).rejects.toMatchObject({
    reason: "deadline",
    message: expect.stringContaining("leader request: no answer within 30 ms (a frozen member"),
  });
  expect(stream.destroyed).toBe(true);
  await expect(connection.request({ kind: "cluster" })).rejects.toMatchObject({ reason: "deadline" });
});

test("a member that drips bytes for ever meets the deadline in all", async () => {
  const [connection, member] = open({ deadlineMs: 60 });
  const drip = setInterval(() => member.write(Buffer.alloc(1)), 5);
  member.write(Buffer.of(0xff, 0x1f, 0, 0, 3, 0, 0, 0));
  await expect(connection.request({ kind: "cluster" })).rejects.toMatchObject({
    reason: "deadline",
    message: expect.stringContaining("60 ms in all"),
  });
  clearInterval(drip);
});

test.each([
  ["before it answered", Buffer.alloc(0)],
  ["in the middle of an answer", NODE.subarray(0, 13)],
  ["in the middle of an answer", NODE.subarray(0, 3)],
])("closed %s: protocol", async (where, bytes) => {
  const [connection, member] = open();
  const asked = connection.request({ kind: "leader" });
  member.end(bytes);
  await expect(asked).rejects.toMatchObject({
    reason: "protocol",
    message: `n1:19001: leader request: the other side closed ${where}`,
  });
});

test("a second answer to one request ends the connection: the next one could not be told apart", async () => {
  const [connection, member] = open();
  const asked = connection.request({ kind: "leader" });
  member.write(Buffer.concat([NODE, NODE]));
  expect(await asked).toMatchObject({ kind: "node" });
  await expect(connection.request({ kind: "cluster" })).rejects.toMatchObject({
    message: "n1:19001: between requests: a node answer came that nobody asked for",
  });
});

test("two requests at once are a bug of the caller", async () => {
  const [connection, member] = open();
  replay("healthy-follower", member);
  const first = connection.request({ kind: "leader" });
  await expect(connection.request({ kind: "cluster" })).rejects.toThrow("one request at a time");
  await first;
  connection.close();
});

test("a stream that is gone already is said at once, not at the deadline", async () => {
  const [ours] = duplexPair();
  ours.destroy();
  const connection = new DqliteConnection(ours, { peer: "n1", requestDeadlineMs: 60_000, deadlineMs: 60_000 });
  await expect(connection.request({ kind: "leader" })).rejects.toMatchObject({ reason: "protocol" });
});
