import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createWarmWorld } from "../world/warm-world.ts";
import { UNITS, type World } from "../world/world.ts";
import type { DrillRecord } from "./record.ts";
import { DRILLS } from "./registry.ts";
import { score, type ScoreSheet } from "./score.ts";
import { type Session, startSession } from "./session.ts";

const START_MS = Date.UTC(2026, 5, 24, 10);
const NODES = ["k8s01", "k8s02", "k8s03"].map((name, at) => ({ name, address: `172.22.22.${6 + at}` }));

interface Played {
  readonly record: DrillRecord;
  readonly sheet: ScoreSheet;
}

/** Plays a drill in virtual time with somebody who acts `afterMs` after it broke. */
async function play(
  id: string,
  seed: number,
  afterMs: number,
  person: (session: Session, world: World) => void,
): Promise<Played> {
  const drill = DRILLS.find((one) => one.id === id);
  if (drill === undefined) throw new Error(`no drill ${id}`);
  const spec = { nodes: NODES, release: "1.35", workload: drill.workload } as const;
  const { driver, world } = await createWarmWorld({ seed, startMs: START_MS, spec });
  const ended = new Promise<DrillRecord>((resolve) => {
    const session = startSession(world, drill, world.sim.random("drill"), (record) =>
      world.sim.settle(() => resolve(record)),
    );
    // Every drill breaks within a minute of its start, a dead feed within 90 s.
    const look = (): void => {
      const { brokeAtMs } = session.record();
      if (world.sim.nowMs() - brokeAtMs >= afterMs) person(session, world);
      else world.sim.after(1000, look);
    };
    look();
  });
  const record = await driver.drive(ended, START_MS + drill.limitMs + 60_000);
  return { record, sheet: score(record) };
}

/** Says the right thing. */
function sayRight(session: Session): void {
  const [cause] = session.record().answer.causes;
  session.say(cause ?? { rung: "ok", node: null });
}

function restartRight(session: Session, world: World): void {
  const { restart } = session.record().answer;
  if (restart !== null) world.node(restart.node).host.systemd.restart(UNITS[restart.role], "operator");
}

/** A minute after the quorum is back, as doctor and the guard would have it. */
function restartOnceCurable(session: Session, world: World): void {
  const { curableAtMs } = session.record();
  if (curableAtMs !== null && world.sim.nowMs() - curableAtMs >= 60_000) restartRight(session, world);
  else world.sim.after(1000, () => restartOnceCurable(session, world));
}

test.each(["dead-feed", "partial-freeze"])("%s: the right restart cures, and is scored in full", async (id) => {
  const { record, sheet } = await play(id, 5, 40_000, (session, world) => {
    sayRight(session);
    restartRight(session, world);
  });
  expect(record.acts).toHaveLength(1);
  expect(record.wellAtMs).not.toBeNull();
  expect(sheet).toMatchObject({ points: 100, of: 100 });
});

test("contention: who waits has all points, and it ends by itself", async () => {
  const { record, sheet } = await play("contention", 5, 40_000, sayRight);
  expect(record.wellAtMs).not.toBeNull();
  expect(record.endedAtMs - record.startedAtMs).toBeLessThan(record.limitMs);
  expect(sheet.points).toBe(100);
});

test("lost-quorum: who waits for the quorum and then cures the feed it left dead has all points", async () => {
  const { record, sheet } = await play("lost-quorum", 5, 40_000, (session, world) => {
    sayRight(session);
    restartOnceCurable(session, world);
  });
  expect(record.acts).toHaveLength(1);
  expect(record.wellAtMs).not.toBeNull();
  expect(sheet.points).toBe(100);
});

test("lost-quorum: who restarts the last voter does harm", async () => {
  const { sheet } = await play("lost-quorum", 5, 40_000, (session, world) => {
    sayRight(session);
    restartRight(session, world);
  });
  expect(sheet.lines.find(({ what }) => what === "harm")).toMatchObject({ points: 15, why: /was not called for/ });
});

test.each(["stopped-node", "noise"])("%s: nothing is to be done but to say so", async (id) => {
  const { record, sheet } = await play(id, 5, 40_000, (session) => {
    sayRight(session);
    session.done();
  });
  expect(record.acts).toEqual([]);
  expect(sheet.points).toBe(100);
});

test("dead-feed: two voters restarted at once lose the quorum, and that is seen as the person's doing", async () => {
  const { sheet } = await play("dead-feed", 5, 40_000, (session, world) => {
    sayRight(session);
    for (const { host } of world.nodes.slice(0, 2)) host.systemd.restart(UNITS.datastore, "operator");
  });
  const harm = sheet.lines.find(({ what }) => what === "harm");
  expect(harm?.points).toBe(0);
  expect(harm?.why).toMatch(/quorum lost for \d+ s after restart/);
});

test("stopped-node: who starts it loses cure and harm", async () => {
  const { sheet } = await play("stopped-node", 5, 40_000, (session, world) => {
    sayRight(session);
    const { staysStopped } = session.record().answer;
    if (staysStopped !== null) world.node(staysStopped).host.systemd.start(UNITS.datastore, "operator");
    world.sim.after(5000, () => session.done());
  });
  expect(sheet.points).toBe(50);
});

test("nobody does anything: it ends at its limit, uncured", async () => {
  const { record, sheet } = await play("dead-feed", 5, Number.POSITIVE_INFINITY, () => undefined);
  expect(record.endedAtMs - record.startedAtMs).toBeGreaterThanOrEqual(record.limitMs);
  expect(record.wellAtMs).toBeNull();
  expect(sheet.points).toBe(25);
});

const ROOT = join(import.meta.dirname, "../..");
const QUORATE = [join(ROOT, "node_modules/.bin/node"), join(ROOT, "bin/quorate.ts")] as const;
const LONG_MS = 280_000;

/** A simulated second and a half a second: the machine need not be fast. */
const SPEED = "1.5";

test(
  "through real sockets: doctor finds the dead feed, say tells it, recover cures it, and the score sheet knows",
  async () => {
    const base = mkdtempSync(join(tmpdir(), "qd-"));
    const directory = join(base, "lab");
    const config = ["--config", join(directory, "quorate.yaml")];
    const [node, main] = QUORATE;
    const argv = [
      main,
      "drill",
      "start",
      "dead-feed",
      "--seed",
      "7",
      "--speed",
      SPEED,
      "--dir",
      directory,
      "-o",
      "json",
    ];
    const drill = spawn(node, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let greeting = "";
    drill.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    drill.stderr.on("data", (chunk: Buffer) => (greeting += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => drill.on("exit", resolve));
    try {
      await until(() => greeting.includes("DRILL dead-feed"));
      const broken = await doctorUntilFeed(config);
      await quorate("drill", "say", "feed", broken, "--dir", directory);
      const recovered = await quorate("recover", ...config, "--node", broken, "--yes", "--state", join(base, "state"));
      expect(recovered).toMatch(/^CURED /m);
      expect(await ended).toBe(0);
      const { record, sheet } = JSON.parse(out) as Played;
      expect(record.answer.causes).toEqual([{ rung: "feed", node: broken }]);
      expect(record.acts).toMatchObject([{ node: broken, role: "datastore", what: "restart" }]);
      expect(sheet.lines.find(({ what }) => what === "harm")).toMatchObject({ points: 25, why: "no harm done" });
      expect(sheet.lines.find(({ what }) => what === "rung")?.points).toBeGreaterThan(0);
    } finally {
      drill.kill("SIGKILL");
      await ended;
      rmSync(base, { recursive: true, force: true });
    }
  },
  LONG_MS,
);

/** The node whose feed doctor names, asked again and again. */
async function doctorUntilFeed(config: readonly string[]): Promise<string> {
  const endMs = Date.now() + LONG_MS / 2;
  while (Date.now() < endMs) {
    const text = await quorate("doctor", ...config, "-o", "json");
    const { causes } = JSON.parse(text) as { readonly causes: readonly { node: string; rung: string }[] };
    const found = causes.find(({ rung }) => rung === "feed");
    if (found !== undefined) return found.node;
  }
  throw new Error("doctor names no feed");
}

/** Its standard output, whatever its exit code. */
async function quorate(...argv: readonly string[]): Promise<string> {
  const [node, main] = QUORATE;
  const run = promisify(execFile);
  try {
    return (await run(node, [main, ...argv], { timeout: LONG_MS })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    if (stdout === "") throw new Error(`quorate ${argv.join(" ")}: ${stderr}`, { cause: error });
    return stdout;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + LONG_MS / 2;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error("the drill does not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
