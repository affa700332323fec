import { beforeAll, expect, test } from "vitest";
import { NODES, sleep } from "../lib/twin.ts";
import { makeWhole } from "./support/cluster.ts";
import { CLUSTER, doctor, quorate, watch } from "./support/quorate.ts";

const OBSERVED_MS = 120_000;

beforeAll(makeWhole);

test("(a) healthy for two minutes: no finding on any rung of any node", async () => {
  const watching = watch();
  await sleep(OBSERVED_MS);
  const reports = await watching.stop();
  expect(reports.length).toBeGreaterThan(40);
  const findings = reports.flatMap(({ at, nodes }) =>
    nodes.flatMap(({ node, verdicts }) =>
      verdicts
        .filter(({ state }) => state === "broken")
        .map(({ rung, message }) => `${at} ${node} ${rung}: ${message}`),
    ),
  );
  expect(findings).toEqual([]);
  // A single report may meet a slow read on a busy machine (degraded, and no finding); most must be ok.
  const ok = reports.filter(({ state }) => state === "ok").length;
  expect(ok / reports.length).toBeGreaterThan(0.8);
});

test("a healthy cluster is answered with exit code 0", async () => {
  const { code, report } = await doctor();
  expect(report.state).toBe("ok");
  expect(code).toBe(0);
  expect(report.nodes.map(({ node }) => node)).toEqual([...NODES]);
});

test("leaders names the dqlite leader and the holder of the controllers' Lease", async () => {
  const { code, stdout } = await quorate(["leaders", ...CLUSTER, "-o", "json"]);
  const table = JSON.parse(stdout) as { state: string; rows: { what: string; who: string; role: string }[] };
  expect(code).toBe(0);
  expect(table.rows.filter(({ role }) => role === "leader")).toHaveLength(1);
  expect(table.rows.find(({ what }) => what === "kube-controller-manager")?.who).toMatch(/^k8s0[123]_/);
});

test("recover does nothing on a healthy cluster", async () => {
  const { code, stdout } = await quorate(["recover", ...CLUSTER, "-o", "json", "--dry-run"]);
  expect((JSON.parse(stdout) as { result: string }).result).toBe("nothing-to-do");
  expect(code).toBe(0);
});
