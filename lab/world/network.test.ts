import { expect, test } from "vitest";
import { createSim } from "../sim/sim.ts";
import { createNetwork, type Port } from "./network.ts";
import { createProcess } from "./process.ts";

function setUp() {
  const { sim, runUntil } = createSim({ seed: 1, startMs: 0 });
  const network = createNetwork(sim);
  const client = createProcess(sim, { node: "k8s01", program: "client", pid: 1 });
  const server = createProcess(sim, { node: "k8s02", program: "server", pid: 2 });
  const port: Port = { node: "k8s02", listener: server };
  const seen: string[] = [];
  const see = (what: string) => seen.push(`${what}@${sim.nowMs()}`);
  /** A call that is answered after `serveMs` of the server's life. */
  const call = (serveMs = 0) =>
    network.call<string>({
      from: client,
      to: port,
      serve: (answer) => {
        see("served");
        server.after(serveMs, () => answer("yes"));
      },
      answered: see,
      refused: see,
    });
  return { sim, runUntil, network, client, server, port, seen, see, call };
}

const KILLED = { code: "killed", signal: "KILL" } as const;

test("a call takes the way there and back", async () => {
  const { runUntil, call, seen } = setUp();
  call();
  await runUntil(10);
  expect(seen).toEqual(["served@1", "yes@2"]);
});

test("a way that was cut swallows a call and its answer; the other direction is not cut by it", async () => {
  const { runUntil, network, call, seen, sim } = setUp();
  network.cut("k8s02", "k8s01");
  call();
  await runUntil(10);
  expect(seen).toEqual(["served@1"]);
  expect([network.passes("k8s01", "k8s02"), network.passes("k8s02", "k8s01")]).toEqual([true, false]);
  network.heal("k8s02", "k8s01");
  network.cut("k8s01", "k8s02");
  call();
  await runUntil(sim.nowMs() + 10);
  expect(seen).toEqual(["served@1"]);
});

test("a port without a living listener refuses, and a paused one keeps the caller waiting", async () => {
  const { runUntil, port, server, call, seen, sim } = setUp();
  port.listener = null;
  call();
  await runUntil(10);
  port.listener = server;
  server.pause();
  call();
  await runUntil(20);
  expect(seen).toEqual(["connection-refused@2"]);
  server.resume();
  await runUntil(30);
  expect(seen.slice(1)).toEqual(["served@20", "yes@21"]);
  server.end(KILLED);
  call();
  await runUntil(sim.nowMs() + 10);
  expect(seen.slice(3)).toEqual(["connection-refused@32"]);
});

test("a server that ends before its answer resets the call, once", async () => {
  const { sim, runUntil, server, call, seen } = setUp();
  call(50);
  sim.after(20, () => server.end(KILLED));
  await runUntil(100);
  expect(seen).toEqual(["served@1", "connection-reset@21"]);
});

test("an answer that a server finds while it is paused leaves at its resume", async () => {
  const { sim, runUntil, network, client, server, port, seen, see } = setUp();
  const answers: ((value: string) => void)[] = [];
  const serve = (answer: (value: string) => void) => answers.push(answer);
  network.call<string>({ from: client, to: port, serve, answered: see, refused: see });
  await runUntil(5);
  server.pause();
  answers[0]?.("yes");
  sim.after(10, () => server.resume());
  await runUntil(50);
  expect(seen).toEqual(["yes@16"]);
});

test("a call that its caller gave up is served and says nothing more", async () => {
  const { sim, runUntil, server, call, seen } = setUp();
  const giveUp = call(50);
  sim.after(10, giveUp);
  sim.after(20, () => server.end(KILLED));
  await runUntil(100);
  expect(seen).toEqual(["served@1"]);
});

test("a caller that ended hears nothing; a paused one hears at its resume", async () => {
  const { sim, runUntil, client, call, seen } = setUp();
  call(5);
  client.pause();
  sim.after(30, () => client.resume());
  await runUntil(50);
  expect(seen).toEqual(["served@1", "yes@30"]);
  call(5);
  client.end(KILLED);
  await runUntil(100);
  expect(seen.slice(2)).toEqual(["served@51"]);
});

test("a way that becomes faster again keeps the order of what it carries", async () => {
  const { runUntil, network, see, seen } = setUp();
  network.slow("k8s01", "k8s02", 100);
  network.send("k8s01", "k8s02", () => see("first"));
  network.slow("k8s01", "k8s02", 0);
  network.send("k8s01", "k8s02", () => see("second"));
  await runUntil(50);
  expect(seen).toEqual([]);
  await runUntil(200);
  network.send("k8s01", "k8s02", () => see("third"));
  await runUntil(300);
  expect(seen).toEqual(["first@101", "second@101", "third@201"]);
});

test("a node without power neither sends nor receives, also not what was under way, and forgets no cut", async () => {
  const { runUntil, network, call, see, seen } = setUp();
  network.cut("k8s02", "k8s01");
  network.send("k8s01", "k8s02", () => see("under way"));
  network.send("k8s02", "k8s03", () => see("its last words"));
  network.detach("k8s02");
  call();
  network.send("k8s02", "k8s03", () => see("from the dead"));
  await runUntil(10);
  expect(seen).toEqual(["its last words@1"]);
  expect([network.passes("k8s01", "k8s02"), network.passes("k8s02", "k8s02")]).toEqual([false, false]);
  network.attach("k8s02");
  expect([network.passes("k8s01", "k8s02"), network.passes("k8s02", "k8s01")]).toEqual([true, false]);
});

test("each change is told", () => {
  const { network } = setUp();
  let changes = 0;
  network.onChange(() => (changes += 1));
  network.cut("a", "b");
  network.heal("a", "b");
  network.slow("a", "b", 5);
  network.detach("a");
  network.attach("a");
  expect(changes).toBe(5);
});
