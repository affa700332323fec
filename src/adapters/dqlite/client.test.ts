import type { Duplex } from "node:stream";
import { duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { askMember, openMember } from "./client.ts";
import { encodeResponse } from "./responses.ts";
import type { Listener } from "./test-member.ts";
import { listen, replay } from "./test-member.ts";

const opened: Listener[] = [];
afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
});

async function serve(onStream: (stream: Duplex) => void): Promise<Listener["dial"]> {
  const listener = await listen(onStream);
  opened.push(listener);
  return listener.dial;
}

/** Asks a server that does `onStream` to every connection; far more time than a loopback needs. */
async function askServer(onStream: (stream: Duplex) => void, deadlineMs = 5000): ReturnType<typeof askMember> {
  return askMember({ connect: await serve(onStream), address: "n1:19001", deadlineMs });
}

const SERVERS = [
  { id: "3297041220608546238", address: "127.0.0.1:23011", role: "voter" },
  { id: "18231818105311694515", address: "127.0.0.1:23012", role: "voter" },
  { id: "4578197058282438406", address: "127.0.0.1:23013", role: "voter" },
];

test("a follower: whom it names, and the servers with ids beyond 2^53 unrounded", async () => {
  expect(await askServer((stream) => replay("healthy-follower", stream))).toEqual({
    known: true,
    value: {
      address: "n1:19001",
      leader: { id: "3297041220608546238", address: "127.0.0.1:23011" },
      servers: SERVERS,
    },
  });
});

test("a lone voter names none and still lists all", async () => {
  expect(await askServer((stream) => replay("lone-voter", stream))).toEqual({
    known: true,
    value: { address: "n1:19001", leader: null, servers: SERVERS },
  });
});

test("the lower level: describe and register", async () => {
  const connect = await serve((stream) => replay("healthy-follower", stream));
  const client = await openMember({ connect, address: "n1:19001", deadlineMs: 5000 });
  expect(await client.describe()).toEqual({ failureDomain: 0n, weight: 0n });
  expect(await client.register(42n)).toEqual({ heartbeatTimeoutMs: 15_000 });
  client.close();
});

test("nobody listens: connection-refused", async () => {
  const listener = await listen(() => undefined);
  listener.close();
  expect(await askMember({ connect: listener.dial, address: "n1:19001", deadlineMs: 5000 })).toEqual({
    known: false,
    reason: "connection-refused",
    detail: "n1:19001: connecting: connection refused: nobody listens there (ECONNREFUSED)",
  });
});

test("a frozen member accepts and never answers: deadline, in time", async () => {
  const startedMs = performance.now();
  const reading = await askServer(() => undefined, 100);
  expect(reading).toMatchObject({
    known: false,
    reason: "deadline",
    detail: expect.stringContaining("leader request"),
  });
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test("frozen after the first answer: deadline of the second request", async () => {
  const reading = await askServer((stream) => {
    stream.once("data", () => stream.write(encodeResponse({ kind: "node", id: 1n, address: "a:1" })));
  }, 100);
  expect(reading).toMatchObject({ reason: "deadline", detail: expect.stringContaining("cluster request") });
});

test.each([
  ["an HTTP server", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "this is not dqlite"],
  ["an ssh banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "this is not dqlite"],
  ["an unknown answer", Buffer.of(1, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "type 99"],
  ["the answer to something else", encodeResponse({ kind: "welcome", heartbeatTimeoutMs: 1n }), "instead of node"],
])("%s on the port: protocol", async (_what, bytes, words) => {
  const reading = await askServer((stream) => void stream.write(bytes));
  expect(reading).toMatchObject({ known: false, reason: "protocol", detail: expect.stringContaining(words) });
  expect(reading).toMatchObject({ detail: expect.stringMatching(/^n1:19001: [\x20-\x7e]+$/) });
});

test("closed at once, as a member with TLS does to a plain client: protocol", async () => {
  const reading = await askServer((stream) => stream.once("data", () => stream.end()));
  expect(reading).toMatchObject({ reason: "protocol", detail: expect.stringContaining("closed before it answered") });
});

test("a failure answer: server-error", async () => {
  const reading = await askServer((stream) => {
    stream.once("data", () => stream.write(encodeResponse({ kind: "failure", code: 5n, message: "busy" })));
  });
  expect(reading).toMatchObject({ reason: "server-error", detail: expect.stringContaining("failure 5: busy") });
});

test("a connect that takes too long: deadline, and the late stream is destroyed", async () => {
  const [late] = duplexPair();
  const connect = (): Promise<Duplex> => sleep(60, late);
  expect(await askMember({ connect, address: "n1", deadlineMs: 20 })).toEqual({
    known: false,
    reason: "deadline",
    detail: "n1: connecting: no answer within 20 ms",
  });
  await sleep(100);
  expect(late.destroyed).toBe(true);
});

test("a TapError of the connect is passed on as it is", async () => {
  const error = new TapError("unreachable", "ssh: no route to host");
  expect(await askMember({ connect: () => Promise.reject(error), address: "n1", deadlineMs: 1000 })).toEqual({
    known: false,
    reason: "unreachable",
    detail: "ssh: no route to host",
  });
});

test("a bug in the connect is not hidden as an unknown reading", async () => {
  const error = new TypeError("undefined is not a function");
  await expect(askMember({ connect: () => Promise.reject(error), address: "n1", deadlineMs: 1000 })).rejects.toThrow(
    TypeError,
  );
});

test("the stream is destroyed when the question is answered", async () => {
  const connect = await serve((stream) => replay("healthy-follower", stream));
  let stream: Duplex | undefined;
  const keep = async (): Promise<Duplex> => (stream = await connect());
  await askMember({ connect: keep, address: "n1", deadlineMs: 5000 });
  expect(stream?.destroyed).toBe(true);
});
