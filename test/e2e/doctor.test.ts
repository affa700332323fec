import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecording } from "../../src/adapters/recording/reader.ts";
import { doctorReportSchema } from "../../src/cli/report/doctor-report.ts";
import { leadersReportSchema } from "../../src/cli/report/leaders-report.ts";
import { recoverReportSchema } from "../../src/cli/report/recover-report.ts";
import { VERSION } from "../../src/cli/version.ts";
import { quorate } from "./quorate.ts";
import { recordWorld } from "./test-recording.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-e2e-"));
  // Port 1 of this machine: refused at once, wherever the test runs.
  const config = "Host gone-*\n  HostName 127.0.0.1\n  Port 1\n";
  writeFileSync(join(directory, "ssh.config"), config);
  const nodes = ["gone-1", "gone-2", "gone-3"].map((host, index) => `  - name: k8s0${index + 1}\n    ssh: ${host}\n`);
  writeFileSync(
    join(directory, "cluster.yaml"),
    `sshConfig: ${join(directory, "ssh.config")}\nnodes:\n${nodes.join("")}`,
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function unreachable(): readonly string[] {
  return ["--config", join(directory, "cluster.yaml")];
}

async function recorded(name: string, spoil: Parameters<typeof recordWorld>[0]): Promise<string> {
  const path = join(directory, `${name}.ndjson`);
  writeFileSync(path, await recordWorld(spoil));
  return path;
}

test("the version is package.json's", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    version: string;
  };
  expect(VERSION).toBe(version);
  expect(await quorate(["--version"])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

describe.concurrent("nodes that cannot be reached", () => {
  test("are a matrix of unknown with the reason, exit code 3, within the budget", async () => {
    const { exitCode, stdout, stderr, durationMs } = await quorate(["doctor", ...unreachable()]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "" });
    for (const node of ["k8s01", "k8s02", "k8s03"])
      expect(stdout).toMatch(new RegExp(`^  ${node}(  unknown){5}$`, "m"));
    expect(stdout).toMatch(/^UNKNOWN {2}k8s01, rung unit: \S/m);
    expect(durationMs).toBeLessThan(12_000);
  });

  test("are the same in the document, which keeps to its schema", async () => {
    const { exitCode, stdout } = await quorate(["doctor", "-o", "json", ...unreachable()]);
    const report = doctorReportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ state: "unknown", exitCode: 3, causes: [], profile: "microk8s" });
    expect(report.nodes.map(({ node }) => node)).toEqual(["k8s01", "k8s02", "k8s03"]);
    expect(exitCode).toBe(3);
  });

  test("are recorded, and the recording is judged alike", async () => {
    const path = join(directory, "gone.ndjson");
    expect((await quorate(["doctor", "--record", path, ...unreachable()])).exitCode).toBe(3);
    expect(readRecording(path).header.nodes).toEqual(["k8s01", "k8s02", "k8s03"]);
    expect((await quorate(["doctor", "--from", path])).exitCode).toBe(3);
  });

  test("let recover do nothing, exit code 3", async () => {
    const state = mkdtempSync(join(directory, "state-"));
    const { exitCode, stdout } = await quorate(["recover", "--yes", "-o", "json", "--state", state, ...unreachable()]);
    expect(recoverReportSchema.parse(JSON.parse(stdout))).toMatchObject({ result: "undecided", runId: null });
    expect(exitCode).toBe(3);
  });

  test("leave the leaders unknown, exit code 3", async () => {
    const { exitCode, stdout } = await quorate(["leaders", "-o", "json", ...unreachable()]);
    expect(leadersReportSchema.parse(JSON.parse(stdout))).toMatchObject({ state: "unknown" });
    expect(exitCode).toBe(3);
  });
});

describe("a recording is judged by the same core, with the same exit codes", () => {
  const STATES: readonly (readonly [string, number, Parameters<typeof recordWorld>[0], RegExp])[] = [
    ["ok", 0, () => undefined, /Every rung is ok on every node/],
    ["degraded", 1, ({ nodes, clock }) => starting(nodes[0], clock.nowMs() + 5000), /DEGRADED {2}k8s01, rung unit/],
    [
      "broken",
      2,
      (world) => world.killFeed(world.nodes[1]),
      /CAUSE {2}k8s02, rung feed: [^\n]+\n.*quorate recover --node k8s02/s,
    ],
    ["unknown", 3, ({ nodes }) => nodes[2].unreadable.add("unit"), /UNKNOWN {2}k8s03, rung unit: .*no route to host/],
  ];

  test.each(STATES)("%s: %i", async (state, code, spoil, expected) => {
    const path = await recorded(state, spoil);
    const text = await quorate(["doctor", "--from", path]);
    expect(text.stdout).toMatch(expected);
    expect(text.exitCode).toBe(code);
    const document = await quorate(["doctor", "--from", path, "-o", "json"]);
    expect(doctorReportSchema.parse(JSON.parse(document.stdout))).toMatchObject({ state, exitCode: code });
    expect(document.exitCode).toBe(code);
  });

  test("--watch tells every change in order, and the cause in capitals", async () => {
    const path = await recorded("watched", (world) => world.killFeed(world.nodes[1]));
    const { stdout } = await quorate(["doctor", "--from", path, "--watch"]);
    expect(stdout).toMatch(/\+\d+\.\d s {2}k8s01 +feed +ok /);
    expect(stdout).toMatch(/\+\d+\.\d s {2}k8s02 +feed +BROKEN +the datastore delivers no watch events/);
  });

  test("a hostile node name does not reach the terminal as it is", async () => {
    const path = await recorded("hostile", () => undefined);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("k8s01", "k\\u001b[2J\\u009b1m"));
    const { exitCode, stdout } = await quorate(["doctor", "--from", path]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u009b");
    expect(stdout).toContain("k\u00b7[2J\u00b71m");
  });
});

const DEMO = join(import.meta.dirname, "../../recordings/feed-death.ndjson");

describe("demo", () => {
  test.skipIf(!existsSync(DEMO))("replays the recorded death and cure without a cluster", async () => {
    const { exitCode, stdout } = await quorate(["demo", "--recording", "--speed", "0"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/feed +BROKEN /);
    expect(stdout).toMatch(/CAUSE {2}\S+, rung feed/);
    expect(stdout).toContain("quorate -- doctor --ssh");
  });
});

function starting(node: { units: { kubelite: object } }, activeEnterAtMs: number): void {
  Object.assign(node.units, { kubelite: { ...node.units.kubelite, activeEnterAtMs } });
}
