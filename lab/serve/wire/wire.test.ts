import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSim } from "../../sim/sim.ts";
import { createNetwork } from "../../world/network.ts";
import { createProcess, type Process } from "../../world/process.ts";
import { type RealTime, startRealTime } from "../time/real-time.ts";
import { PipeEnd } from "./pipe.ts";
import { createWiring } from "./wire.ts";

/** Longer than anything under way takes on an idle network, and than this machine takes to notice. */
const A_WHILE_MS = 60;

let time: RealTime;
let network: ReturnType<typeof createNetwork>;
let from: Process;
let to: Process;
let client: PipeEnd;
let server: Duplex;
let isUp = true;
let heard = "";
let said = "";

beforeEach(() => {
  const driver = createSim({ seed: 1, startMs: 0 });
  time = startRealTime({ driver, speed: 1, onFailure: (error) => expect.unreachable(String(error)) });
  network = createNetwork(driver.sim);
  from = createProcess(driver.sim, { node: "ops", program: "client", pid: 1 });
  to = createProcess(driver.sim, { node: "k8s01", program: "server", pid: 2 });
  isUp = true;
  const [near, far] = PipeEnd.pair();
  client = near;
  server = createWiring(time, network).lay(far, { from, to, canReset: () => isUp });
  [heard, said] = ["", ""];
  server.on("data", (data: Buffer) => (heard += data.toString()));
  client.on("data", (data: Buffer) => (said += data.toString()));
  client.on("error", (error: NodeJS.ErrnoException) => (said += `[${error.code}]`));
});
afterEach(() => time.stop());

const becomes = (read: () => string, text: string) => expect.poll(read, { timeout: 2000 }).toBe(text);

test("bytes go both ways, in order, and an end comes after them", async () => {
  client.write("one ");
  client.end("two");
  await becomes(() => heard, "one two");
  server.write("three ");
  server.end("four");
  await becomes(() => said, "three four");
  await expect.poll(() => client.readableEnded).toBe(true);
});

test("what is sent while the way is cut waits for the heal, in one direction too", async () => {
  time.enter(() => network.cut("ops", "k8s01"));
  client.write("late");
  server.write("at once");
  await becomes(() => said, "at once");
  expect(heard).toBe("");
  time.enter(() => network.heal("ops", "k8s01"));
  await becomes(() => heard, "late");
});

test("a paused server takes nothing until it goes on; one that ends resets the connection", async () => {
  time.enter(() => to.pause());
  client.write("held");
  await sleep(A_WHILE_MS);
  expect(heard).toBe("");
  time.enter(() => to.resume());
  await becomes(() => heard, "held");
  time.enter(() => to.end({ code: "killed", signal: "KILL" }));
  await becomes(() => said, "[ECONNRESET]");
  expect(client.destroyed).toBe(true);
});

test("a server whose machine has no power says nothing at all", async () => {
  isUp = false;
  time.enter(() => to.end({ code: "killed", signal: "KILL" }));
  client.write("is anybody there?");
  await sleep(A_WHILE_MS);
  expect([heard, said, client.destroyed]).toEqual(["", "", false]);
});

test("a client that goes away is read as an end, after what it sent", async () => {
  client.write("last words");
  client.destroy();
  await becomes(() => heard, "last words");
  await expect.poll(() => server.readableEnded).toBe(true);
});

test("much at once arrives whole, and no faster than it is read", async () => {
  const bytes = Buffer.alloc(3_000_000, 0x61);
  let received = 0;
  server.removeAllListeners("data");
  server.pause();
  client.write(bytes);
  await sleep(A_WHILE_MS);
  expect(received).toBe(0);
  server.on("data", (data: Buffer) => (received += data.length)).resume();
  await expect.poll(() => received, { timeout: 5000 }).toBe(bytes.length);
});
