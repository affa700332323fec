import { describe, expect, test } from "vitest";
import type { Ladder } from "../ladder/climb.ts";
import { known } from "../model/observed.ts";
import { TestCluster } from "../test-cluster.ts";
import { LEASES, START_MS } from "../test-node.ts";
import { RECORDING_VERSION, type Recording, recordingLine } from "./recording.ts";
import { changes, finalLadder } from "./replay.ts";

const DEAD = { feed: "dead", caches: { [LEASES]: "frozen", pods: "frozen" } } as const;

function record(cluster: TestCluster): Recording {
  const nodes = cluster.snapshot.nodes.map(({ node }) => node);
  const header = {
    format: "quorate-recording",
    version: RECORDING_VERSION,
    quorate: "0.1.0",
    profile: "microk8s",
    startedAtMs: START_MS,
    nodes,
  } as const;
  return { header, observations: cluster.observations };
}

/** `node rung from>to`, in order; what happened in the first seconds (unknown to ok) is left out. */
function told(recording: Recording): readonly string[] {
  return changes(recording)
    .filter(({ from, to }) => !(from === "unknown" && to === "ok"))
    .map(({ node, rung, from, to, isCause }) => `${node} ${rung} ${from}>${to}${isCause ? " cause" : ""}`);
}

function verdicts({ nodes }: Ladder): readonly string[] {
  return nodes.flatMap((one) =>
    one.verdicts.map(({ node, rung, state, reason }) => `${node} ${rung} ${state} ${reason}`),
  );
}

describe("a replay", () => {
  test("ends where the live ladder ended", () => {
    const cluster = new TestCluster().run(10).change("node-2", DEAD).run(15);
    expect(verdicts(finalLadder(record(cluster)))).toEqual(verdicts(cluster.ladder));
  });

  test("tells of a healthy cluster only that each rung was found ok, once", () => {
    const seen = changes(record(new TestCluster({ deliveryMs: 1600 }).run(60)));
    expect(seen).toHaveLength(15);
    expect(new Set(seen.map(({ from, to }) => `${from}>${to}`))).toEqual(new Set(["unknown>ok"]));
  });

  test("tells a feed's death as the cause, the caches above it as consequence, and other nodes not at all", () => {
    const cluster = new TestCluster().run(10).change("node-2", DEAD).run(20);
    const seen = told(record(cluster));
    expect(seen).toContain("node-2 feed ok>broken cause");
    expect(seen.filter((line) => line.includes("cause"))).toEqual(["node-2 feed ok>broken cause"]);
    expect(seen.filter((line) => !line.startsWith("node-2"))).toEqual([]);
  });

  test("tells the cure", () => {
    const cluster = new TestCluster().run(10).change("node-2", DEAD).run(20).endStream("node-2");
    cluster.change("node-2", { feed: "alive", caches: { [LEASES]: "follows", pods: "follows" } }).run(20);
    expect(finalLadder(record(cluster)).state).toBe("ok");
    const seen = changes(record(cluster)).filter(({ node, rung }) => node === "node-2" && rung === "feed");
    expect(seen.map(({ to }) => to)).toEqual(["ok", "broken", "unknown", "ok"]);
  });

  test("does not tell what did not last: one read that failed", () => {
    const cluster = new TestCluster().run(10).change("node-2", { store: "deadline" }).run(1);
    cluster.change("node-2", { store: "served" }).run(20);
    expect(told(record(cluster))).toEqual([]);
  });

  test("goes on through a gap in the recording, and counts no silence as a break", () => {
    const cluster = new TestCluster().run(10).pass(60).run(10);
    expect(told(record(cluster)).filter((line) => line.includes("broken"))).toEqual([]);
  });

  test("of nothing tells nothing", () => {
    const empty = record(new TestCluster());
    expect(changes(empty)).toEqual([]);
    expect(finalLadder(empty).state).toBe("unknown");
  });

  test("leaves out nodes that the header does not name", () => {
    const cluster = new TestCluster().run(3);
    const stranger = { node: "stranger", atMs: START_MS, kind: "stopped-on-purpose", reading: known(true) } as const;
    const { header, observations } = record(cluster);
    expect(finalLadder({ header, observations: [stranger, ...observations] }).nodes).toHaveLength(3);
  });
});

test("a line of the file is one line, and reads back as what was written", () => {
  const { header, observations } = record(new TestCluster().run(2));
  for (const part of [header, ...observations]) {
    const line = recordingLine(part);
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual(part);
  }
});
