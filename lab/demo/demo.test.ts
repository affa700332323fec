import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STORIES } from "./command.ts";
import { drawEvent, paintFor } from "./draw.ts";
import type { DemoEvent } from "./event.ts";
import { playScene } from "./play.ts";
import { SCENES } from "./registry.ts";

const LONG_MS = 300_000;

async function told(id: string, seed: number): Promise<readonly DemoEvent[]> {
  const scene = SCENES.find((one) => one.id === id);
  if (scene === undefined) throw new Error(`no story ${id}`);
  const events: DemoEvent[] = [];
  await playScene({ scene, seed, signal: new AbortController().signal, tell: (event) => events.push(event) });
  return events;
}

function textOf(events: readonly DemoEvent[]): string {
  return events.flatMap((event) => drawEvent(event, paintFor(false))).join("\n");
}

function quorateSays(events: readonly DemoEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === "quorate" ? [event.text] : []));
}

function rowsOf(events: readonly DemoEvent[]) {
  return events.flatMap((event) => (event.kind === "summary" ? event.rows : []));
}

test("the stories, their files and the command's choices are the same", () => {
  const ids = SCENES.map(({ id }) => id);
  expect(ids).toEqual(STORIES);
  const files = readdirSync(join(import.meta.dirname, "scenes")).map((file) => file.replace(/\.ts$/, ""));
  expect(new Set(files)).toEqual(new Set([...ids, "begin", "spec"]));
});

test(
  "a seed tells the same, byte for byte; another seed tells something else",
  async () => {
    const [first, again, other] = [
      await told("feed-death", 3),
      await told("feed-death", 3),
      await told("feed-death", 4),
    ];
    expect(textOf(again)).toBe(textOf(first));
    expect(textOf(other)).not.toBe(textOf(first));
    expect(textOf(first)).not.toContain("\u001b");
    const times = first.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  },
  LONG_MS,
);

test(
  "the incident: both outages are named within seconds, their monitoring tells of the second one after minutes, and it is cured",
  async () => {
    const events = await told("incident", 24);
    const rows = rowsOf(events);
    const [lost, guarded, death, cure] = rows;
    expect(rows).toHaveLength(4);
    expect(lost?.what).toMatch(/^16:16:0\d dqlite has no leader \(\d+ s\)$/);
    expect(lost?.quorate).toMatch(/^after \d s: rung quorum$/);
    expect(guarded?.quorate).toMatch(/refused by .*(one-at-a-time|lock).*without a leader: 0 s/);
    expect(death?.what).toMatch(/^20:0[34]:\d\d the watch feed dies on k8s02/);
    expect(death?.monitoring).toMatch(/^microk8s-watch-cache on k8s02 after .*people are told after 1[0-5] min/);
    expect(death?.quorate).toMatch(/^after \d+ s: rung feed of k8s02$/);
    expect(cure?.quorate).toMatch(/^recover: cured within \d/);
    const looks = events.flatMap((event) => (event.kind === "look" ? [event.text] : []));
    expect(looks).toContain("deployment shop/web: 3 of 4 pods; generation 2, observed 1");
    expect(looks).toContain("deployment shop/web: 4 of 4 pods; generation 2, observed 2");
    expect(looks).toContain("/readyz: k8s01 200 OK, k8s02 200 OK, k8s03 200 OK");
    expect(quorateSays(events).at(-1)).toBe("doctor: the control plane is ok");
  },
  LONG_MS,
);

test(
  "a partial freeze is named with its resource, and the datastore alone is restarted",
  async () => {
    const events = await told("partial-freeze", 24);
    expect(quorateSays(events).join("\n")).toMatch(/CAUSE k8s01, rung cache: .*stands still for configmaps/);
    const restarts = events.flatMap((event) =>
      event.kind === "world" && / started by quorate/.test(event.text) ? [event.text] : [],
    );
    expect(restarts).toEqual(["snap.microk8s.daemon-k8s-dqlite started by quorate/recover"]);
    expect(rowsOf(events).at(-1)?.quorate).toMatch(/^recover: cured/);
  },
  LONG_MS,
);

test(
  "contention is no cause, and no moment for a restart",
  async () => {
    const events = await told("contention", 24);
    expect(quorateSays(events).filter((text) => text.startsWith("CAUSE"))).toEqual([]);
    expect(rowsOf(events).at(-1)?.quorate).toBe("refused (writer-contended)");
  },
  LONG_MS,
);

test(
  "noise is not named",
  async () => {
    const events = await told("healthy", 24);
    expect(quorateSays(events)).toEqual(["doctor: the control plane is ok"]);
    expect(rowsOf(events)[0]).toMatchObject({ monitoring: "nothing", quorate: "names no cause; the ladder: ok" });
  },
  LONG_MS,
);
