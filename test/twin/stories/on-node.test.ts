import { beforeAll, expect, test } from "vitest";
import { controllerLease, DQLITE_PORT, nodeAddress, NODES, REPOSITORY_ON_NODE, runOnNode } from "../lib/twin.ts";
import { ALL_OK, type Answer, readDoctor, statesOf, timed, verdictOf } from "./support/bad-input.ts";
import { makeWhole } from "./support/cluster.ts";

const NODE = "k8s02";
const COMMAND = [`${REPOSITORY_ON_NODE}/node_modules/.bin/node`, `${REPOSITORY_ON_NODE}/src/cli/main.ts`];

beforeAll(makeWhole);

/** Runs the command on the node itself, without ssh. */
function onNode(argv: readonly string[], as: readonly string[] = []): Promise<Answer> {
  return timed(() => runOnNode(NODE, [...as, ...COMMAND, ...argv], { timeoutMs: 60_000 }));
}

test("doctor on a node as root: its own rungs, and quorum over all members", async () => {
  const { report, code } = readDoctor(await onNode(["doctor", "-o", "json"]));
  expect(report.nodes.map(({ node }) => node)).toEqual([NODE]);
  expect(statesOf(report, NODE)).toEqual(ALL_OK);
  expect(code).toBe(0);
  expect(verdictOf(report, NODE, "quorum").message).toContain(`by ${NODES.length} of ${NODES.length} voters`);
  const evidence = report.nodes[0]?.verdicts.find(({ rung }) => rung === "quorum")?.evidence ?? [];
  for (const node of NODES) {
    expect(evidence.map(({ what }) => what).join("\n")).toContain(`${nodeAddress(node)}:${DQLITE_PORT}`);
  }
});

test("leaders on a node shows the whole cluster", async () => {
  const { code, stdout } = await onNode(["leaders", "-o", "json"]);
  const table = JSON.parse(stdout) as { state: string; rows: { what: string; who: string; role: string }[] };
  expect(code).toBe(0);
  expect(table.state).toBe("ok");
  expect(table.rows.filter(({ what }) => what === "dqlite").map(({ who }) => who)).toEqual(
    NODES.map((node) => `${nodeAddress(node)}:${DQLITE_PORT}`),
  );
  expect(table.rows.filter(({ role }) => role === "leader")).toHaveLength(1);
  const holder = (await controllerLease(NODE))?.holder;
  expect(table.rows.find(({ what }) => what === "kube-controller-manager")?.who).toMatch(new RegExp(`^${holder}_`));
});

test("recover on a node keeps its journal there and has nothing to do", async () => {
  const { code, stdout } = await onNode(["recover", "--dry-run", "-o", "json", "--state", "/run/quorate-story"]);
  expect((JSON.parse(stdout) as { result: string }).result).toBe("nothing-to-do");
  expect(code).toBe(0);
  await runOnNode(NODE, ["rm", "-rf", "/run/quorate-story"]);
});

test("doctor on a node without root: what may be read is read, the rest is permission-denied", async () => {
  const { report, code } = readDoctor(await onNode(["doctor", "-o", "json"], ["runuser", "-u", "nosudo", "--"]));
  expect(statesOf(report, NODE)).toMatchObject({ unit: "ok", quorum: "unknown", store: "unknown", cache: "unknown" });
  for (const rung of ["quorum", "store", "cache"]) {
    const { reason, message } = verdictOf(report, NODE, rung);
    expect(reason, message).toBe("permission-denied");
    expect(message).toMatch(/log in as root, or /);
  }
  expect(code).toBe(3);
});
