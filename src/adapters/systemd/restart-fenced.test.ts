import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandResult, NodeAccess } from "../../ports/node-access.ts";
import { systemClock } from "../clock/system-clock.ts";
import { runCommand } from "../exec/run.ts";
import { createLocalAccess } from "../node/local.ts";
import { readUnit } from "./read-unit.ts";
import type { FencedRestart } from "./restart-fenced.ts";
import { interpretRestart, restartFenced } from "./restart-fenced.ts";

const FIRST = "a".repeat(32);
let directory = "";
let access: NodeAccess;

/** This machine with the fake systemctl in front, and root not needed. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-restart-"));
  mkdirSync(join(directory, "bin"));
  const fake = readFileSync(join(import.meta.dirname, "fixtures", "fake-systemctl.sh"), "utf8");
  writeFileSync(join(directory, "bin", "systemctl"), fake.replace("@DIRECTORY@", directory));
  chmodSync(join(directory, "bin", "systemctl"), 0o755);
  set("InvocationID", FIRST);
  set("ActiveState", "active");
  set("MainPID", "4711");
  const env = { PATH: `${join(directory, "bin")}:${process.env["PATH"]}` };
  access = { ...createLocalAccess("k8s01"), run: (argv, options) => runCommand(argv, { ...options, env }) };
});
afterEach(() => rmSync(directory, { recursive: true }));

function set(name: string, value: string): void {
  writeFileSync(join(directory, name), `${value}\n`);
}

function restarts(): number {
  const path = join(directory, "restarts");
  return existsSync(path) ? readFileSync(path, "utf8").split("x").length - 1 : 0;
}

function ask(change: Partial<FencedRestart> = {}) {
  return restartFenced(access, {
    unit: "snap.microk8s.daemon-k8s-dqlite",
    expectedInvocationId: FIRST,
    token: 7,
    stopMarkerPath: join(directory, "stopped.lock"),
    deadlineMs: 10_000,
    fenceDirectory: join(directory, "fence.d"),
    ...change,
  });
}

describe("restartFenced restarts", () => {
  it("once, and leaves its token as the fence", async () => {
    const result = await ask();
    expect(result).toEqual({ outcome: "restarted", invocationId: `${"0".repeat(31)}1`, mainPid: 4711 });
    expect(readFileSync(join(directory, "fence.d", "fence"), "utf8")).toBe("7\n");
    expect(restarts()).toBe(1);
  });

  it("once when eight ask at the same time with the same expected InvocationID", async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => ask()));
    expect(results.filter((result) => result.outcome === "restarted").length).toBe(1);
    for (const result of results) {
      if (result.outcome !== "restarted") expect(result).toMatchObject({ reason: "already-restarted" });
    }
    expect(restarts()).toBe(1);
  });
});

describe("restartFenced does not act", () => {
  it("with a token below the fence", async () => {
    await ask({ token: 8 });
    set("InvocationID", FIRST);
    expect(await ask({ token: 7 })).toMatchObject({ outcome: "refused", reason: "stale-token" });
    expect(restarts()).toBe(1);
    expect(readFileSync(join(directory, "fence.d", "fence"), "utf8")).toBe("8\n");
  });

  it("when somebody restarted the unit since the decision", async () => {
    set("InvocationID", "b".repeat(32));
    expect(await ask()).toMatchObject({ outcome: "refused", reason: "already-restarted" });
    expect(restarts()).toBe(0);
  });

  it.each(["inactive", "failed", "activating", "deactivating"])("when the unit is %s", async (state) => {
    set("ActiveState", state);
    expect(await ask()).toMatchObject({
      outcome: "refused",
      reason: "not-active",
      detail: expect.stringContaining(state),
    });
    expect(restarts()).toBe(0);
  });

  it("when the unit was stopped and systemd has forgotten its last run", async () => {
    set("InvocationID", "");
    set("ActiveState", "inactive");
    expect(await ask()).toMatchObject({ outcome: "refused", reason: "not-active" });
    expect(restarts()).toBe(0);
  });

  it("when a person stopped the software on purpose", async () => {
    set("stopped.lock", "");
    expect(await ask()).toMatchObject({ outcome: "refused", reason: "stopped-on-purpose" });
    expect(restarts()).toBe(0);
  });

  it.each(["", "seven", "-1", "7; reboot"])("when the fence holds %j", async (content) => {
    mkdirSync(join(directory, "fence.d"));
    writeFileSync(join(directory, "fence.d", "fence"), content);
    expect(await ask()).toMatchObject({ outcome: "failed", certain: true });
    expect(restarts()).toBe(0);
  });

  it("when the command arrives after its sender gave up", async () => {
    const honest = access;
    access = {
      ...honest,
      async run(argv, options) {
        const result = await honest.run(argv, options);
        return argv[0] === "cat" ? { ...result, stdout: Buffer.from("1.00 1.00\n") } : result;
      },
    };
    expect(await ask()).toMatchObject({
      outcome: "failed",
      certain: true,
      detail: expect.stringContaining("too late"),
    });
    expect(restarts()).toBe(0);
  });

  it("for arguments that are none", async () => {
    for (const change of [
      { unit: "--all" },
      { unit: "a b" },
      { token: 0 },
      { token: 1.5 },
      { expectedInvocationId: "" },
    ]) {
      expect(await ask(change)).toMatchObject({ outcome: "failed", certain: true });
    }
    expect(restarts()).toBe(0);
  });
});

describe("restartFenced says", () => {
  it("indeterminate when the deadline passed during the restart", async () => {
    set("hang", "");
    expect(await ask({ deadlineMs: 1_000 })).toMatchObject({ outcome: "indeterminate" });
    expect(restarts()).toBe(1);
  });

  it("failed, and why, when systemctl refuses", async () => {
    set("refuse", "");
    const detail = expect.stringContaining("dependency only");
    expect(await ask()).toMatchObject({ outcome: "failed", certain: false, detail });
  });
});

describe("interpretRestart", () => {
  const base: CommandResult = { outcome: "exited", exitCode: 0, stdout: Buffer.alloc(0), stderr: "", durationMs: 5 };
  it.each([
    [
      { outcome: "not-started", exitCode: null, reason: "unreachable" },
      { outcome: "failed", certain: true },
    ],
    [{ exitCode: null, reason: "unreachable" }, { outcome: "indeterminate" }],
    [
      { exitCode: 1, stderr: "sudo: a password is required" },
      { outcome: "failed", certain: true },
    ],
    [
      { exitCode: 127, stderr: "env: 'sudo': No such file or directory" },
      { outcome: "failed", certain: true },
    ],
    [{ exitCode: 137 }, { outcome: "indeterminate" }],
    [{ exitCode: 255 }, { outcome: "indeterminate" }],
    [{ exitCode: 1, stderr: "Killed" }, { outcome: "indeterminate" }],
    [{ exitCode: 0 }, { outcome: "indeterminate" }],
    [{ exitCode: 0, stdout: Buffer.from("quorate-restart restarted: nonsense 1\n") }, { outcome: "indeterminate" }],
    [{ exitCode: 40, stdout: Buffer.from("quorate-restart refused: the fence is at 9\n") }, { reason: "stale-token" }],
  ] as const)("%j", (fields, expected) => {
    expect(interpretRestart({ ...base, ...fields }, "k8s01: restart of foo")).toMatchObject(expected);
  });
});

describe("readUnit", () => {
  it("reads by the node's systemctl, and says when there is no such unit", async () => {
    set("show", "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nMainPID=0\nNRestarts=3");
    expect(await readUnit(access, "foo", { deadlineMs: 5_000, clock: systemClock })).toMatchObject({
      known: true,
      value: { activeState: "failed", restarts: 3 },
    });
    set("show", "LoadState=not-found\nActiveState=inactive");
    expect(await readUnit(access, "foo", { deadlineMs: 5_000, clock: systemClock })).toEqual({
      known: false,
      reason: "not-found",
      detail: "k8s01: there is no unit foo",
    });
  });

  it("tells when it started by our clock, which may be wrong", async () => {
    set("show", "LoadState=loaded\nActiveState=active\nActiveEnterTimestamp=Wed 2026-06-24 16:16:06 UTC");
    const clock = { nowMs: () => Date.now() + 3_600_000 };
    const reading = await readUnit(access, "foo", { deadlineMs: 5_000, clock });
    const shiftMs = (reading.known ? (reading.value.activeEnterAtMs ?? 0) : 0) - Date.UTC(2026, 5, 24, 16, 16, 6);
    expect(Math.abs(shiftMs - 3_600_000)).toBeLessThan(5_000);
  });
});
