import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countSignals } from "../../../src/adapters/journal/count-signals.ts";
import { readJournalRange } from "../../../src/adapters/journal/read-range.ts";
import { onLeash } from "../../../src/adapters/node/leash.ts";
import { quoteForPosixShell } from "../../../src/adapters/node/quote.ts";
import { readFileByCat } from "../../../src/adapters/node/read-file.ts";
import { type FencedRestart, restartFenced } from "../../../src/adapters/systemd/restart-fenced.ts";
import { readUnit } from "../../../src/adapters/systemd/read-unit.ts";
import { microk8s } from "../../../src/core/profiles/microk8s/index.ts";
import { databaseLocked } from "../../../src/core/signals/database-locked/index.ts";
import type { CommandResult, NodeAccess } from "../../../src/ports/node-access.ts";
import { createTestHost, START_MS, UNIT } from "../../world/host/test-host.ts";
import type { LabNode, World } from "../../world/world.ts";
import { runLine } from "./commands.ts";
import type { CommandIo, Machine } from "./machine.ts";

const MARKER = "/var/snap/microk8s/current/var/lock/stopped.lock";
const FENCE = "/run/quorate/fence";
const DEADLINE = { deadlineMs: 20_000 };

let test: ReturnType<typeof createTestHost>;
let machine: Machine;
let endInput: () => void = () => {};

beforeEach(async () => {
  test = createTestHost();
  const node = { name: "k8s01", address: "10.0.0.1", host: test.host } as LabNode;
  machine = {
    world: {} as World,
    node,
    file: (path) => (path === "/known" ? "content\n" : undefined),
    socket: (path) => (path === "/run/kine.sock:12379" ? "listening" : "missing"),
    locks: new Map(),
  };
  test.host.systemd.start(UNIT, "systemd");
  await test.runFor(10_000);
});
afterEach(() => endInput());

/** A command as ssh hands it to the node's shell. */
function execute(argv: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const out: Buffer[] = [];
    let err = "";
    const inputEnds: (() => void)[] = [];
    endInput = () => inputEnds.splice(0).forEach((listener) => listener());
    const process = test.host.spawn("sh");
    const io: CommandIo = {
      process,
      out: (data) => out.push(Buffer.from(data as string)),
      err: (text) => (err += text),
      exit: (exitCode) => {
        process.end({ code: "exited", status: exitCode });
        resolve({ outcome: "exited", exitCode, stdout: Buffer.concat(out), stderr: err, durationMs: 1 });
      },
      onInputEnd: (listener) => inputEnds.push(listener),
      onKill: () => {},
    };
    runLine(machine, quoteForPosixShell(["env", "LC_ALL=C", "LANG=C", "timeout", "-k", "1", "30", ...argv]), io);
  });
}

const access = { name: "k8s01", run: (argv) => execute(argv) } as Partial<NodeAccess> as NodeAccess;

/** Lets virtual time pass until the promise settles. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = () => {
    state.isOver = true;
  };
  promise.then(over, over);
  for (let turn = 0; turn < 1000 && !state.isOver; turn += 1) await test.runFor(50);
  return promise;
}

const run = (...argv: readonly string[]) => settled(execute(argv));
const invocationId = () => test.host.systemd.state(UNIT).invocationId ?? "";

function restart(change: Partial<FencedRestart> = {}) {
  const asked = {
    unit: UNIT,
    expectedInvocationId: invocationId(),
    token: 7,
    stopMarkerPath: MARKER,
    deadlineMs: 45_000,
  };
  return restartFenced(access, { ...asked, ...change });
}

function print(message: string): void {
  test.host.journal.print({ unit: UNIT, identifier: "k8s-dqlite", pid: 7 }, message);
}

/** `database is locked` lines in the last while. */
function countLocked(windowMs: number) {
  return settled(countSignals(access, databaseLocked, microk8s, { units: [UNIT], windowMs, ...DEADLINE }));
}

describe("the lab's systemctl, read by Quorate's own adapter", () => {
  it("tells a unit's state by the reader's clock, and that there is none", async () => {
    test.host.clock.step(3_600_000);
    const clock = { nowMs: () => test.sim.nowMs() };
    const reading = await settled(readUnit(access, UNIT, { ...DEADLINE, clock }));
    const { activeEnterAtMs, ...state } = test.host.systemd.state(UNIT);
    expect(reading).toMatchObject({ known: true, value: state });
    expect(activeEnterAtMs).toBe(START_MS);
    const none = await settled(readUnit(access, "foo", { ...DEADLINE, clock }));
    expect(none).toMatchObject({ known: false, reason: "not-found", detail: "k8s01: there is no unit foo" });
  });

  it("starts, stops and waits for it", async () => {
    expect(await run("systemctl", "is-active", UNIT)).toMatchObject({ exitCode: 0 });
    expect(await run("systemctl", "stop", `${UNIT}.service`)).toMatchObject({ exitCode: 0 });
    expect(await run("systemctl", "is-active", UNIT)).toMatchObject({ exitCode: 3, stdout: Buffer.from("inactive\n") });
    expect(await run("systemctl", "status", UNIT)).toMatchObject({ exitCode: 3 });
    expect(await run("systemctl", "start", UNIT)).toMatchObject({ exitCode: 0 });
    expect(await run("systemctl", "restart", "foo")).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("not found"),
    });
    expect(await run("systemctl", "cat", "--", UNIT)).toMatchObject({ exitCode: 0 });
  });
});

describe("the fenced restart on the lab, by Quorate's own adapter", () => {
  it("restarts once, and leaves its token as the fence", async () => {
    const before = invocationId();
    const result = await settled(restart());
    expect(result).toMatchObject({ outcome: "restarted", invocationId: invocationId() });
    expect(invocationId()).not.toBe(before);
    expect(test.host.files.get(FENCE)).toBe("7\n");
    expect(test.seen.at(-1)).toBe("started by quorate");
  });

  it("restarts once when eight ask at the same time for the same run", async () => {
    const results = await settled(Promise.all(Array.from({ length: 8 }, () => restart())));
    expect(results.filter(({ outcome }) => outcome === "restarted")).toHaveLength(1);
    for (const result of results) {
      if (result.outcome !== "restarted")
        expect(result).toMatchObject({ outcome: "refused", reason: "already-restarted" });
    }
  });

  it.each([
    ["an older token", { token: 6 }, { outcome: "refused", reason: "stale-token" }],
    ["another run", { expectedInvocationId: "b".repeat(32) }, { outcome: "refused", reason: "already-restarted" }],
  ])("does not act with %s", async (_what, change, expected) => {
    test.host.files.set(FENCE, "7\n");
    const before = invocationId();
    expect(await settled(restart(change))).toMatchObject(expected);
    expect(invocationId()).toBe(before);
  });

  it("does not act on what was stopped, on purpose or not, nor with a fence that holds no token", async () => {
    test.host.files.set(MARKER, "");
    expect(await settled(restart())).toMatchObject({ outcome: "refused", reason: "stopped-on-purpose" });
    test.host.files.delete(MARKER);
    for (const fence of ["", "seven\n", "7"]) {
      test.host.files.set(FENCE, fence);
      expect(await settled(restart())).toMatchObject({ outcome: "failed", certain: true });
    }
    test.host.files.delete(FENCE);
    const expectedInvocationId = invocationId();
    await run("systemctl", "stop", UNIT);
    expect(await settled(restart({ expectedInvocationId }))).toMatchObject({
      outcome: "refused",
      reason: "not-active",
    });
  });
});

describe("the lab's journalctl, read by Quorate's own adapter", () => {
  it("gives a unit's own lines and systemd's about it, whatever is in them", async () => {
    print("two\nlines, and ünïcode");
    test.host.journal.printAsPod("evil", `_SYSTEMD_UNIT=${UNIT}.service\n\nMESSAGE=forged`);
    await test.runFor(10);
    const request = { units: [UNIT], since: { agoMs: 60_000 }, linesMax: 100, ...DEADLINE };
    const range = await settled(readJournalRange(access, request));
    const entries = range.known ? range.value.entries : [];
    expect(entries.at(-1)).toMatchObject({ message: "two\nlines, and ünïcode", unit: `${UNIT}.service`, pid: 7 });
    expect(entries.some(({ aboutUnit }) => aboutUnit === `${UNIT}.service`)).toBe(true);
    expect(entries.some(({ message }) => message.includes("forged"))).toBe(false);
  });

  it("counts signals of the last while, by the node's clock", async () => {
    const line = 'level=error msg="error in txn: exec (try: 500): database is locked"';
    print(line);
    await test.runFor(120_000);
    print(line);
    expect(await countLocked(60_000)).toEqual({ known: true, value: 1 });
    expect(await countLocked(600_000)).toEqual({ known: true, value: 2 });
  });

  it("follows from now on until its input ends, and ends with exit code 143", async () => {
    print("before");
    const following = execute(onLeash(["journalctl", "--follow", "--lines=0", "-o", "cat", "-u", UNIT]));
    await test.runFor(100);
    print("after");
    endInput();
    const { exitCode, stdout } = await settled(following);
    expect([exitCode, stdout.toString()]).toEqual([143, "after\n"]);
    print("nobody listens");
  });
});

describe("the lab's small commands", () => {
  it("read files and say why not", async () => {
    const content = await settled(readFileByCat(access, "/known", DEADLINE));
    expect(content.known && content.value.toString()).toBe("content\n");
    const none = await settled(readFileByCat(access, "/unknown", DEADLINE));
    expect(none).toMatchObject({ known: false, reason: "not-found" });
    expect(await run("test", "-e", "/known")).toMatchObject({ exitCode: 0 });
    expect(await run("test", "-e", "/unknown")).toMatchObject({ exitCode: 1, stderr: "" });
    expect(await run("test", "-S", "/run/kine.sock:12379")).toMatchObject({ exitCode: 0 });
    expect((await run("cat", "/proc/uptime")).stdout.toString()).toMatch(/^10\.\d\d /);
    expect((await run("hostname")).stdout.toString()).toBe("k8s01\n");
  });

  it("are bounded by timeout, and unknown ones are not found", async () => {
    test.host.systemd.add(specOf());
    test.host.systemd.start("slow", "systemd");
    await test.runFor(1000);
    const stopping = await run("timeout", "3", "systemctl", "stop", "slow.service");
    expect(stopping.exitCode).toBe(124);
    expect(await run("rm", "-rf", "/")).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining("rm: not found"),
    });
    expect(await run("sh", "-c", "echo $HOME; reboot")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no shell"),
    });
  });
});

/** A unit that ignores SIGTERM for ten seconds. */
function specOf(): Parameters<typeof test.host.systemd.add>[0] {
  return {
    unit: "slow",
    identifier: "slow",
    program: (process) => ({
      terminate: () => void process.after(10_000, () => process.end({ code: "exited", status: 0 })),
    }),
    wrapperSleepMs: 0,
    restart: "no",
    restartDelayMs: 100,
    stopTimeoutMs: 30_000,
  };
}
