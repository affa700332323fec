import { expect, test } from "vitest";
import { createProcess } from "../process.ts";
import { createTestHost, START_MS, UNIT } from "./test-host.ts";

test("without power no process lives, nothing is written, and nobody reaches the host", async () => {
  const { sim, host, network, runFor, state, programs, seen } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  const shell = host.spawn("bash");
  const heard: string[] = [];
  // What the end of one process lets another one do must not happen on a dead host.
  programs[0]?.onEnd(() => shell.deliver(() => heard.push("shell")));
  programs[0]?.onEnd(() => host.journal.print({ unit: UNIT, identifier: "x", pid: 1 }, "last words"));
  const lines = host.journal.read({ fromMs: 0 }).length;
  const client = createProcess(sim, { node: "k8s02", program: "client", pid: 1 });
  network.call<string>({
    from: client,
    to: { node: "k8s01", listener: programs[0] ?? null },
    serve: () => undefined,
    answered: (text) => heard.push(text),
    refused: (why) => heard.push(why),
  });
  await runFor(10);
  seen.length = 0;
  host.powerOff();
  host.powerOff();
  host.systemd.start(UNIT, "operator");
  await runFor(60_000);
  expect([host.isUp, programs[0]?.state, shell.state]).toEqual([false, "ended", "ended"]);
  expect(state()).toBe("inactive/dead success 0");
  expect([heard, seen]).toEqual([[], []]);
  expect(host.journal.read({ fromMs: 0 })).toHaveLength(lines);
  expect(network.passes("k8s02", "k8s01")).toBe(false);
  expect(host.spawn("bash").state).toBe("ended");
});

test("power brings the host back after its boot: new boot id, units started by systemd, /run/ empty", async () => {
  const { sim, host, network, runFor, state, programs, seen } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  const before = host.systemd.state(UNIT).invocationId;
  host.files.set("/run/quorate/fence", "7");
  host.files.set("/var/snap/microk8s/current/var/lock/stopped.lock", "");
  host.powerOff();
  await runFor(5000);
  seen.length = 0;
  host.powerOn(20_000);
  host.powerOn(1);
  await runFor(19_999);
  expect([host.isUp, network.passes("k8s02", "k8s01")]).toEqual([false, false]);
  await runFor(1);
  expect([host.isUp, network.passes("k8s02", "k8s01")]).toEqual([true, true]);
  expect(host.bootedAtMs).toBe(START_MS + 15_000);
  expect([...host.files.keys()]).toEqual(["/var/snap/microk8s/current/var/lock/stopped.lock"]);
  await runFor(6000);
  expect(state()).toBe("active/running success 0");
  expect(host.systemd.state(UNIT).invocationId).not.toBe(before);
  expect(programs).toHaveLength(2);
  expect(seen).toEqual(["starting by systemd", "started by systemd"]);
  const boots = new Set(host.journal.read({ fromMs: 0 }).map((entry) => entry.fields["_BOOT_ID"]));
  expect(boots.size).toBe(2);
  expect(sim.nowMs()).toBe(START_MS + 41_000);
});

test("power lost during the boot ends the boot", async () => {
  const { host, runFor } = createTestHost();
  host.powerOff();
  host.powerOn(20_000);
  await runFor(10_000);
  host.powerOff();
  await runFor(60_000);
  expect(host.isUp).toBe(false);
  host.powerOn(1000);
  await runFor(1000);
  expect(host.isUp).toBe(true);
});

test("a command under way when the power goes is never answered", async () => {
  const { host, runFor, seen } = createTestHost({ stopMs: 5000 });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  let isDone = false;
  host.systemd.restart(UNIT, "operator", () => (isDone = true));
  await runFor(1000);
  host.powerOff();
  host.powerOn(1000);
  await runFor(60_000);
  expect(isDone).toBe(false);
  expect(seen.slice(-2)).toEqual(["starting by systemd", "started by systemd"]);
});

test("process ids are never the same twice in a row", () => {
  const { host } = createTestHost();
  const pids = Array.from({ length: 1000 }, () => host.nextPid());
  expect(new Set(pids).size).toBe(1000);
});
