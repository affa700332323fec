import { expect, test } from "vitest";
import { createTestHost, START_MS, UNIT } from "./test-host.ts";

const FAILED = { code: "exited", status: 1 } as const;

test("a start is done at once, and the program comes after the wrapper's sleep, in the same process", async () => {
  const { host, programs, runFor, state } = createTestHost({ command: "/snap/microk8s/6787/bin/k8s-dqlite" });
  let isDone = false;
  host.systemd.start(UNIT, "operator", () => (isDone = true));
  expect(isDone).toBe(true);
  expect(state()).toBe("active/running success 0");
  expect(host.systemd.process(UNIT)).toBeNull();
  await runFor(5999);
  expect(programs).toHaveLength(0);
  await runFor(1);
  expect(host.systemd.process(UNIT)).toBe(programs[0]);
  expect(host.systemd.state(UNIT).mainPid).toBe(programs[0]?.pid);
  const lines = host.journal.read({ fromMs: 0, matches: { _SYSTEMD_UNIT: `${UNIT}.service` } });
  expect(lines.map((line) => line.fields["MESSAGE"])).toEqual([
    "+ sleep 6",
    "+ exec /snap/microk8s/6787/bin/k8s-dqlite",
  ]);
});

test("a unit that never ran has no invocation and no time; each start gives new ones, by the host's clock", async () => {
  const { host, runFor } = createTestHost();
  expect(host.systemd.state(UNIT)).toEqual({
    unit: UNIT,
    activeState: "inactive",
    subState: "dead",
    result: "success",
    invocationId: null,
    activeEnterAtMs: null,
    mainPid: 0,
    restarts: 0,
  });
  host.clock.step(3_600_000);
  host.systemd.start(UNIT, "operator");
  const first = host.systemd.state(UNIT);
  expect(first.invocationId).toMatch(/^[0-9a-f]{32}$/);
  expect(first.activeEnterAtMs).toBe(START_MS + 3_600_000);
  await runFor(10_000);
  host.systemd.restart(UNIT, "operator");
  await runFor(200);
  const second = host.systemd.state(UNIT);
  expect(second.invocationId).not.toBe(first.invocationId);
  expect(second.activeEnterAtMs).toBe(START_MS + 3_610_000);
});

test("a start of a running unit changes nothing", async () => {
  const { host, runFor, seen } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(7000);
  const before = host.systemd.state(UNIT);
  let isDone = false;
  host.systemd.start(UNIT, "ansible", () => (isDone = true));
  expect(isDone).toBe(true);
  expect(host.systemd.state(UNIT)).toEqual(before);
  expect(seen).toEqual(["starting by operator", "started by operator"]);
});

test("a stop is done when the process has ended; the unit is not restarted, whatever Restart= says", async () => {
  const { sim, host, runFor, seen, messages, state } = createTestHost({ restart: "always", stopMs: 3000 });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  let doneAtMs = 0;
  host.systemd.stop(UNIT, "operator", () => (doneAtMs = sim.nowMs()));
  expect(state()).toBe("deactivating/stop-sigterm success 0");
  await runFor(60_000);
  expect(doneAtMs).toBe(START_MS + 13_000);
  expect(state()).toBe("inactive/dead success 0");
  expect(messages()).toEqual(["Started UNIT.", "Stopping UNIT...", "UNIT: Deactivated successfully.", "Stopped UNIT."]);
  expect(seen.slice(2)).toEqual(["stopping by operator", "stopped by operator (exited)"]);
});

test("a program that ignores SIGTERM is killed after the stop timeout, and the unit has failed by it", async () => {
  const { host, runFor, messages, state, programs } = createTestHost({ stopMs: null });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  host.systemd.stop(UNIT, "operator");
  await runFor(29_999);
  expect(state()).toBe("deactivating/stop-sigterm success 0");
  await runFor(1);
  expect(state()).toBe("failed/failed timeout 0");
  expect(messages().slice(2)).toEqual([
    "UNIT: State 'stop-sigterm' timed out. Killing.",
    `UNIT: Killing process ${programs[0]?.pid} (microk8s.daemon-k8s-dqlite) with signal SIGKILL.`,
    "UNIT: Main process exited, code=killed, status=9/KILL",
    "UNIT: Failed with result 'timeout'.",
    "Stopped UNIT.",
  ]);
});

test("a restart stops, then starts, and is done with the start", async () => {
  const { sim, host, runFor, seen } = createTestHost({ stopMs: 2000 });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  let doneAtMs = 0;
  host.systemd.restart(UNIT, "ansible", () => (doneAtMs = sim.nowMs()));
  await runFor(20_000);
  expect(doneAtMs).toBe(START_MS + 12_000);
  expect(seen.slice(2)).toEqual([
    "stopping by ansible",
    "stopped by ansible (exited)",
    "starting by ansible",
    "started by ansible",
  ]);
});

test("a stop during the wrapper's sleep ends the shell at once", async () => {
  const { host, runFor, programs, state } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(2000);
  host.systemd.stop(UNIT, "operator");
  await runFor(0);
  expect(state()).toBe("inactive/dead success 0");
  await runFor(10_000);
  expect(programs).toHaveLength(0);
});

test("a program that fails is started again after RestartSec, and counted until a manual start", async () => {
  const { host, runFor, programs, messages, state } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  programs[0]?.end(FAILED);
  await runFor(99);
  expect(state()).toBe("activating/auto-restart exit-code 0");
  await runFor(1);
  expect(state()).toBe("active/running success 1");
  expect(messages().slice(1)).toEqual([
    "UNIT: Main process exited, code=exited, status=1/FAILURE",
    "UNIT: Failed with result 'exit-code'.",
    "UNIT: Scheduled restart job, restart counter is at 1.",
    "Started UNIT.",
  ]);
  await runFor(10_000);
  host.systemd.kill(UNIT, "KILL");
  await runFor(200);
  expect(state()).toBe("active/running success 2");
  await runFor(10_000);
  host.systemd.restart(UNIT, "operator");
  await runFor(200);
  expect(state()).toBe("active/running success 0");
});

test("a clean end is no failure: on-failure leaves the unit down, always starts it again", async () => {
  const leaves = createTestHost();
  leaves.host.systemd.start(UNIT, "operator");
  await leaves.runFor(10_000);
  leaves.host.systemd.kill(UNIT, "TERM");
  await leaves.runFor(60_000);
  expect(leaves.state()).toBe("inactive/dead success 0");
  const starts = createTestHost({ restart: "always" });
  starts.host.systemd.start(UNIT, "operator");
  await starts.runFor(10_000);
  starts.host.systemd.kill(UNIT, "TERM");
  await starts.runFor(60_000);
  expect(starts.state()).toBe("active/running success 1");
});

test("five starts in ten seconds are the limit; the unit then stays down until somebody starts it later", async () => {
  const { host, runFor, messages, state } = createTestHost({
    wrapperSleepMs: 0,
    program: (process) => {
      process.after(500, () => process.end(FAILED));
      return { terminate: () => undefined };
    },
  });
  host.systemd.start(UNIT, "operator");
  await runFor(60_000);
  // systemd keeps the result of the last run; start-limit-hit is shown only when that was a success.
  expect(state()).toBe("failed/failed exit-code 5");
  expect(messages().slice(-3)).toEqual([
    "UNIT: Start request repeated too quickly.",
    "UNIT: Failed with result 'exit-code'.",
    "Failed to start UNIT.",
  ]);
  expect(messages().filter((text) => text === "Started UNIT.")).toHaveLength(5);
  host.systemd.start(UNIT, "operator");
  expect(state()).toBe("active/running success 0");
});

test("a person who restarts too often meets the limit too", async () => {
  const { host, runFor, state } = createTestHost();
  for (let time = 0; time < 6; time += 1) {
    host.systemd.restart(UNIT, "operator");
    await runFor(1000);
  }
  expect(state()).toBe("failed/failed start-limit-hit 0");
});

test("SIGSTOP and SIGCONT leave the unit active and hold up its process", async () => {
  const { host, runFor, programs, state } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  host.systemd.kill(UNIT, "STOP");
  expect([state(), programs[0]?.state]).toEqual(["active/running success 0", "paused"]);
  host.systemd.kill(UNIT, "CONT");
  expect(programs[0]?.state).toBe("running");
});

test("a stop wakes a paused process, so that it can end", async () => {
  const { host, runFor, state } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  host.systemd.kill(UNIT, "STOP");
  host.systemd.stop(UNIT, "operator");
  await runFor(1000);
  expect(state()).toBe("inactive/dead success 0");
});

test("a start during the stop waits for its end; a stop during that wait takes it back", async () => {
  const { host, runFor, state, seen } = createTestHost({ stopMs: 5000 });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  host.systemd.stop(UNIT, "operator");
  let isDone = false;
  host.systemd.start(UNIT, "ansible", () => (isDone = true));
  await runFor(1000);
  expect(isDone).toBe(false);
  await runFor(5000);
  expect([isDone, state()]).toEqual([true, "active/running success 0"]);
  expect(seen.at(-1)).toBe("started by ansible");
  await runFor(10_000);
  host.systemd.restart(UNIT, "ansible");
  host.systemd.stop(UNIT, "operator");
  await runFor(20_000);
  expect(state()).toBe("inactive/dead success 0");
});

test("who starts a unit when its stop is done does not start it twice", async () => {
  const { host, runFor, seen } = createTestHost();
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  host.systemd.stop(UNIT, "operator", () => host.systemd.start(UNIT, "operator"));
  host.systemd.start(UNIT, "ansible");
  await runFor(10_000);
  expect(seen.filter((what) => what.startsWith("started"))).toHaveLength(2);
});

test("a stop during the automatic restart's delay ends it", async () => {
  const { host, runFor, programs, state } = createTestHost({ restartDelayMs: 5000 });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  programs[0]?.end(FAILED);
  await runFor(1000);
  host.systemd.stop(UNIT, "operator");
  expect(state()).toBe("inactive/dead exit-code 0");
  await runFor(60_000);
  expect(state()).toBe("inactive/dead exit-code 0");
});

test("a wrapper that finds a reason not to run says it and ends with success", async () => {
  const { host, runFor, programs, state } = createTestHost({
    whyNotRun: () => "k8s-dqlite will not run: stopped.lock",
  });
  host.systemd.start(UNIT, "operator");
  await runFor(10_000);
  expect(state()).toBe("inactive/dead success 0");
  expect(programs).toHaveLength(0);
  const lines = host.journal.read({ fromMs: 0, matches: { _SYSTEMD_UNIT: `${UNIT}.service` } });
  expect(lines.map((line) => line.fields["MESSAGE"])).toEqual(["k8s-dqlite will not run: stopped.lock"]);
});

test("a unit that does not exist is an error, and so is the second of one name", () => {
  const { host } = createTestHost();
  expect(() => host.systemd.state("nope")).toThrow("Unit nope.service could not be found");
  expect(() => createTestHost().host.systemd.kill("nope", "KILL")).toThrow("could not be found");
  const spec = { unit: UNIT, identifier: "x", program: () => ({ terminate: () => undefined }) };
  expect(() =>
    host.systemd.add({ ...spec, wrapperSleepMs: 0, restart: "no", restartDelayMs: 0, stopTimeoutMs: 0 }),
  ).toThrow("there is a unit");
});
