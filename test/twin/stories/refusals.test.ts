import { beforeAll, expect, test } from "vitest";
import { DQLITE_UNIT, faults, kube, type NodeName, runOnNode, runOnNodeOk } from "../lib/twin.ts";
import {
  freezeSomeFeed,
  invocationId,
  journalNow,
  makeWhole,
  others,
  startsSince,
  waitUntilStable,
} from "./support/cluster.ts";
import { newState, recover } from "./support/quorate.ts";

const LOCKS = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
const LOCK = `${LOCKS}/quorate-restart`;

/** As k8s-dqlite prints it, a dozen times: more than the guard's bound. */
const LOCKED = `time="2026-06-24T16:04:00Z" level=error msg="error in txn: update transaction failed for key /registry/leases/kube-system/kube-scheduler: exec (try: 500): database is locked"`;
// The printer stays for a moment: journald looks a line's unit up by its writer's pid, and one that is gone has none.
const PRINT = `{ for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo '${LOCKED}'; done; sleep 3; }`;

let dead: NodeName;
let since: string;

beforeAll(async () => {
  await makeWhole();
  dead = (await freezeSomeFeed()).dead[0] as NodeName;
  await waitUntilStable();
  since = journalNow();
});

test("(f) refuses while another holds the restart lock", async () => {
  await holdLock("ansible@deploy", 600);
  await expectRefused("lock", "lock-held");
  await releaseLock();
});

test("(f) refuses while the voters could not carry a restart: one is paused", async () => {
  const other = others(dead).find((node) => faults.datastoreProcess(node) !== undefined) as NodeName;
  const paused = faults.stopDatastore(other);
  try {
    const { document, code } = await recover(newState(), ["--node", dead]);
    expect(document.result).not.toBe("cured");
    expect(code).not.toBe(0);
  } finally {
    await paused.undo();
  }
  expect(await startsSince(dead, DQLITE_UNIT, since)).toBe(0);
});

test("(f) refuses while a rung of another node is unknown: it cannot be reached", async () => {
  const other = others(dead)[0] as NodeName;
  const cut = await faults.freezeNode(other);
  try {
    const { document, code } = await recover(newState(), ["--node", dead]);
    expect(document.result).not.toBe("cured");
    expect(code).not.toBe(0);
  } finally {
    await cut.undo();
  }
  expect(await startsSince(dead, DQLITE_UNIT, since)).toBe(0);
});

test("(f) refuses with a stale fencing token, on the node itself", async () => {
  await waitUntilStable();
  await runOnNodeOk(dead, ["sh", "-c", "mkdir -p /run/quorate && echo 9007199254740000 > /run/quorate/fence"]);
  const { document, code } = await recover(newState(), ["--node", dead]);
  await runOnNodeOk(dead, ["rm", "-f", "/run/quorate/fence"]);
  expect(document.message).toMatch(/token/);
  expect(code).not.toBe(0);
  expect(await startsSince(dead, DQLITE_UNIT, since)).toBe(0);
});

test("(f) does not take anybody's word for contention: the same lines from another unit refuse nothing", async () => {
  await runOnNodeOk(dead, ["sh", "-c", `${PRINT} | systemd-cat -t microk8s.daemon-k8s-dqlite`]);
  expect(await linesOf(["-t", "microk8s.daemon-k8s-dqlite"])).toBe(12);
  const { document } = await recover(newState(), ["--node", dead, "--dry-run"]);
  expect(document.result).toBe("planned");
  expect(document.refusals.map(({ rule }) => rule)).not.toContain("writer-contended");
});

test("(f) refuses while writes fail for contention", async () => {
  const before = await invocationId(dead, DQLITE_UNIT);
  // Printed by a process of the unit itself: the journal then names the unit, as it does for the real line.
  await runInUnit(dead, DQLITE_UNIT, ["sh", "-c", `${PRINT} | systemd-cat --level-prefix=false`]);
  expect(await linesOf([`_SYSTEMD_UNIT=${DQLITE_UNIT}`])).toBe(12);
  await expectRefused("writer-contended", "contended");
  expect(await invocationId(dead, DQLITE_UNIT)).toBe(before);
  // The lines count for five minutes: the next story must not see them.
  await runOnNodeOk(dead, ["journalctl", "--rotate", "--vacuum-time=1s"]);
});

/** How many of the printed lines the journal of the dead node holds under these matches. */
async function linesOf(matches: readonly string[]): Promise<number> {
  const { stdout } = await runOnNode(dead, ["journalctl", "-q", "-o", "cat", "--since", since, ...matches]);
  return stdout.split("\n").filter((line) => line.includes("2026-06-24T16:04:00Z")).length;
}

async function expectRefused(rule: string, reason: string): Promise<void> {
  const { document, code } = await recover(newState(), ["--node", dead]);
  expect(document.result).toBe("refused");
  expect(document.refusals).toContainEqual(expect.objectContaining({ rule, reason }));
  expect(code).toBe(1);
  expect(await startsSince(dead, DQLITE_UNIT, since)).toBe(0);
}

async function holdLock(holderIdentity: string, leaseDurationSeconds: number): Promise<void> {
  const now = new Date().toISOString().replace("Z", "000Z");
  const spec = { holderIdentity, leaseDurationSeconds, acquireTime: now, renewTime: now, leaseTransitions: 1 };
  const metadata = { name: "quorate-restart", namespace: "kube-system" };
  const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
  await releaseLock();
  const answer = await kube(dead, LOCKS, { method: "POST", body });
  expect(answer.status).toBe(201);
}

async function releaseLock(): Promise<void> {
  await kube(dead, LOCK, { method: "DELETE" });
}

/** Runs a command in the unit's own cgroup (of both hierarchies), which is what journald goes by. */
async function runInUnit(node: NodeName, unit: string, argv: readonly string[]): Promise<void> {
  const script = `cgroup=$(systemctl show -p ControlGroup --value "$0")
    for hierarchy in systemd unified; do echo $$ > "/sys/fs/cgroup/$hierarchy$cgroup/cgroup.procs" || exit 1; done
    exec "$@"`;
  await runOnNodeOk(node, ["sh", "-c", script, unit, ...argv]);
}
