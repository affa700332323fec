import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabStatus } from "../serve/status.ts";

const ROOT = join(import.meta.dirname, "../..");
const QUORATE = [join(ROOT, "bin/quorate.ts")];
const hasSsh = spawnSync("ssh", ["-V"]).error === undefined;
if (!hasSsh) console.info("skipped: there is no ssh here, and quorate reaches nodes by it");

const scratch = mkdtempSync(join(tmpdir(), "quorate-lab-"));
const directory = join(scratch, "lab");
const config = join(directory, "quorate.yaml");
const environment = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/quorate-e2e") };

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command as a process. */
function quorate(...words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: 60_000 };
    execFile(process.execPath, [...QUORATE, ...words], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 255, stdout, stderr }),
    );
  });
}

const lab = (...words: readonly string[]) => quorate("lab", ...words, "--dir", directory);

async function status(): Promise<LabStatus> {
  return JSON.parse((await lab("status", "-o", "json")).stdout) as LabStatus;
}

let up: ReturnType<typeof spawn>;
let greeting = "";

beforeAll(async () => {
  if (!hasSsh) return;
  // Four times as fast, so that half a minute of stillness is some seconds here.
  const words = ["lab", "up", "--dir", directory, "--workload", "idle", "--seed", "7", "--speed", "4"];
  up = spawn(process.execPath, [...QUORATE, ...words], { env: environment });
  await new Promise<void>((resolve, reject) => {
    up.once("exit", (code) => reject(new Error(`lab up ended with ${code}: ${greeting}`)));
    for (const pipe of [up.stdout, up.stderr]) {
      pipe?.on("data", (data: Buffer) => {
        greeting += data.toString();
        if (greeting.includes("until Ctrl-C")) resolve();
      });
    }
  });
}, 40_000);

afterAll(() => {
  up?.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(!hasSsh)(
  "the whole way: the lab's sockets, the real ssh, Quorate's own adapters",
  { timeout: 120_000 },
  () => {
    test("a healthy lab is healthy, and its directory is ours alone", async () => {
      expect(greeting).toContain("3 nodes, seed 7, 4 x");
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(await quorate("doctor", "--config", config)).toMatchObject({ code: 0, stderr: "" });
      const leaders = await quorate("leaders", "--config", config);
      expect(leaders).toMatchObject({ code: 0, stdout: expect.stringContaining("named by 3 of 3 voters") });
    });

    test("a second one in the same directory is refused, and so is what does not exist", async () => {
      expect(await lab("up")).toMatchObject({ code: 64, stderr: expect.stringContaining("runs in") });
      expect(await lab("fault", "bad-weather")).toMatchObject({
        code: 64,
        stderr: expect.stringMatching(/^quorate: there is no fault "bad-weather"/),
      });
      expect(await lab("fault", "poll-death", "--node", "k8s09")).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("no node k8s09"),
      });
      expect(await quorate("lab", "status", "--dir", scratch)).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("no lab runs in"),
      });
      expect(await quorate("lab", "up", "--release", "2.0")).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("1.28"),
      });
    });

    test("a feed that dies is named, cured by one restart of the right unit, and proven", async () => {
      // Past the poll's deadline of 20 s, and short of the 30 s in which a controller must renew its Lease.
      const begun = await lab("fault", "poll-death", "--node", "k8s02", "--set", "how=port-blocked", "--for", "26s");
      expect(begun).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^poll-death k8s02 how=port-blocked, until /),
      });
      const dead = async () => (await status()).nodes.filter(({ isPollAlive }) => !isPollAlive).map(({ name }) => name);
      await expect.poll(dead, { timeout: 30_000, interval: 1000 }).toContain("k8s02");
      await lab("heal");
      const found = await quorate("doctor", "--config", config);
      expect(found.stdout).toMatch(/CAUSE {2}k8s02, rung feed: the datastore delivers no watch events/);
      expect(found.code).toBe(2);
      const before = await status();
      const cured = await quorate(
        "recover",
        "--config",
        config,
        "--node",
        "k8s02",
        "--yes",
        "--state",
        join(scratch, "state"),
      );
      expect(cured).toMatchObject({ code: 0, stdout: expect.stringContaining("CURED  k8s02") });
      expect(await dead()).not.toContain("k8s02");
      expect((await status()).revision).toBeGreaterThan(before.revision);
    });

    test("it ends when it is told to, and leaves nothing", async () => {
      const ended = once(up, "exit");
      expect(await lab("down")).toMatchObject({ code: 0 });
      expect(await ended).toEqual([0, null]);
      expect(existsSync(directory)).toBe(false);
    });
  },
);

test("help of each command shows examples and exit codes", async () => {
  for (const command of ["up", "fault"]) {
    const { code, stdout } = await quorate("lab", command, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}quorate lab .*Exit codes: 0 /s);
  }
  expect(await quorate("lab")).toMatchObject({ code: 64 });
  expect((await quorate("--help")).stdout).toMatch(/\n {2}lab /);
});
