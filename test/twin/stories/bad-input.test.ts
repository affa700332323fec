import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  controllerLease,
  datastoreLeader,
  DQLITE_UNIT,
  faults,
  KINE_SOCKET,
  kube,
  type NodeName,
  NODES,
  PLAIN_TOKEN,
  PLAIN_USER,
  runOnNodeOk,
  SUDO_USER,
  waitFor,
  waitUntil,
} from "../lib/twin.ts";
import {
  ALL_OK,
  ask,
  askDoctor,
  hourAhead,
  kubeconfigOfExpired,
  kubeconfigOfOtherCa,
  kubeconfigOfStranger,
  kubeconfigOfToken,
  loginFlags,
  readLock,
  restoreKubeconfig,
  sshFlags,
  startLiar,
  statesOf,
  stopLiar,
  verdictOf,
  waitUntilOk,
  withKubeconfig,
  withSmallDisk,
} from "./support/bad-input.ts";
import { makeWhole, others } from "./support/cluster.ts";
import { CLUSTER, newState, watch } from "./support/quorate.ts";

const NODE: NodeName = "k8s02";

beforeAll(async () => {
  await Promise.all(NODES.map((node) => restoreKubeconfig(node)));
  await stopLiar(NODE);
  await makeWhole();
  await waitUntilOk(CLUSTER);
});
afterAll(makeWhole);

/** What is wrong with it, its text (null: missing), the reason and the words that doctor gives. */
const KUBECONFIGS: readonly [string, () => Promise<string | null>, string, RegExp][] = [
  ["is garbage", async () => "%%% not a kubeconfig {\n", "not-configured", /client\.config.*YAML/],
  ["is something else", async () => "hello\n", "not-configured", /client\.config: there is no kubeconfig/],
  ["is missing", async () => null, "not-found", /k8s02: .*client\.config.*No such file/],
  ["has the wrong CA", kubeconfigOfOtherCa, "tls", /not signed by the given CA/],
  ["has a stranger's client certificate", kubeconfigOfStranger, "permission-denied", /401 .*use a new kubeconfig/],
  ["has an expired client certificate", kubeconfigOfExpired, "permission-denied", /401 .*expired.*new kubeconfig/],
  ["has a bad token", () => kubeconfigOfToken("was-valid-once"), "permission-denied", /401 .*expired/],
  ["has a token without rights", () => kubeconfigOfToken(PLAIN_TOKEN), "permission-denied", /403 .*lacks this right/],
];

describe("the node's kubeconfig", () => {
  test.each(KUBECONFIGS)(
    "%s: the cache is unknown with the reason, all else is judged",
    async (_, text, reason, words) => {
      await withKubeconfig(NODE, await text(), async () => {
        const { report, code } = await askDoctor(CLUSTER);
        expect(statesOf(report, NODE)).toEqual({ ...ALL_OK, cache: "unknown" });
        expect(verdictOf(report, NODE, "cache")).toMatchObject({ reason, message: expect.stringMatching(words) });
        for (const other of others(NODE)) expect(statesOf(report, other), other).toEqual(ALL_OK);
        expect(code).toBe(3);
      });
    },
  );
});

const ALL_UNKNOWN = { unit: "unknown", quorum: "unknown", store: "unknown", feed: "unknown", cache: "unknown" };

describe("ssh to one node", () => {
  test.each([
    [
      "would ask for a password",
      ["PubkeyAuthentication no"],
      "permission-denied",
      /login refused.*passwords are never/,
    ],
    ["meets an unknown host key", ["UserKnownHostsFile /dev/null"], "unreachable", /known_hosts; connect once by hand/],
    ["meets another host key", ["HostKeyAlias k8s01"], "unreachable", /host key.*find out why/],
    ["goes to a port where nobody listens", ["ProxyCommand none", "Port 2222"], "unreachable", /nobody listens/],
    ["goes to a name that nobody knows", ["ProxyCommand none", "HostName none.invalid"], "unreachable", /host name/],
  ] as const)("%s: that node is unknown with what to do, the others are judged", async (_, lines, reason, words) => {
    const { report, code } = await askDoctor(await sshFlags(NODE, lines));
    expect(statesOf(report, NODE)).toEqual(ALL_UNKNOWN);
    for (const rung of ["unit", "quorum", "store", "cache"]) {
      expect(verdictOf(report, NODE, rung), rung).toMatchObject({ reason, message: expect.stringMatching(words) });
    }
    expect(verdictOf(report, NODE, "unit").message).toContain(NODE);
    for (const other of others(NODE)) expect(statesOf(report, other), other).toEqual(ALL_OK);
    expect(code).toBe(3);
  });

  test("without root and sudo: what may be read is read, the rest is permission-denied with the ways out", async () => {
    const { report, code } = await askDoctor(loginFlags(PLAIN_USER));
    for (const node of NODES) {
      expect(statesOf(report, node), node).toEqual({ ...ALL_UNKNOWN, unit: "ok" });
      for (const rung of ["quorum", "store", "cache"]) {
        const { reason, message } = verdictOf(report, node, rung);
        expect(reason, message).toBe("permission-denied");
        expect(message).toMatch(/log in as root, or /);
      }
    }
    expect(code).toBe(3);
  });

  test("without root, with sudo: all is as for root", async () => {
    const { report, code } = await askDoctor(loginFlags(SUDO_USER));
    for (const node of NODES) expect(statesOf(report, node), node).toEqual(ALL_OK);
    expect(code).toBe(0);
  });
});

describe("the observer's clock is an hour ahead", () => {
  test("a healthy cluster is ok", async () => {
    const { report, code } = await askDoctor(CLUSTER, hourAhead);
    expect(Date.parse(report.at) - Date.now()).toBeGreaterThan(3_000_000);
    for (const node of NODES) expect(statesOf(report, node), node).toEqual(ALL_OK);
    expect(code).toBe(0);
  });

  test("leaders shows who leads, and no Lease as expired that is held", async () => {
    const { stdout, code } = await ask(["leaders", ...CLUSTER, "-o", "json"], hourAhead);
    const { rows } = JSON.parse(stdout) as { rows: { what: string; who: string; role: string; detail: string }[] };
    expect(code).toBe(0);
    const leader = await datastoreLeader();
    expect(rows.find(({ role }) => role === "leader")?.who).toBe(
      `198.51.100.1${NODES.indexOf(leader as NodeName) + 1}:19001`,
    );
    const lease = rows.find(({ what }) => what === "kube-controller-manager");
    expect(lease?.who).toMatch(new RegExp(`^${(await controllerLease(NODE))?.holder}_`));
    expect(lease?.detail).not.toContain("EXPIRED");
  });

  test("the restart lock that another one holds is still held", async () => {
    const now = new Date().toISOString().replace("Z", "000Z");
    const spec = { holderIdentity: "other", leaseDurationSeconds: 600, acquireTime: now, renewTime: now };
    const metadata = { name: "quorate-restart", namespace: "kube-system" };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    await kube(NODE, `${leases}/quorate-restart`, { method: "DELETE" });
    try {
      expect((await kube(NODE, leases, { method: "POST", body })).status).toBe(201);
      expect(await readLock(NODE, hourAhead)).toEqual({ holder: "other", take: "held-by-other" });
    } finally {
      await kube(NODE, `${leases}/quorate-restart`, { method: "DELETE" });
    }
  });
});

describe("a full disk", () => {
  test("under a node's journal: doctor and a dry run answer", async () => {
    const full = await faults.fillJournalDisk(NODE);
    try {
      const { report, code } = await askDoctor(CLUSTER);
      for (const node of NODES) expect(statesOf(report, node), node).toEqual(ALL_OK);
      expect(code).toBe(0);
      const dry = await ask(["recover", ...CLUSTER, "-o", "json", "--dry-run", "--state", newState()]);
      expect((JSON.parse(dry.stdout) as { result: string }).result).toBe("nothing-to-do");
      expect(dry.code).toBe(0);
    } finally {
      await full.undo();
    }
  });

  test("under recover's own journal: a dry run answers from a journal that is there", async () => {
    await withSmallDisk(async (directory, fill) => {
      const flags = ["recover", ...CLUSTER, "-o", "json", "--dry-run", "--state", directory];
      expect((await ask(flags)).code).toBe(0);
      await fill();
      const { code, stdout } = await ask(flags);
      expect((JSON.parse(stdout) as { result: string }).result).toBe("nothing-to-do");
      expect(code).toBe(0);
    });
  });

  test("under recover's own journal: without one, one line and nothing is done", async () => {
    await withSmallDisk(async (directory, fill) => {
      await fill();
      const { code, stdout, stderr } = await ask(["recover", ...CLUSTER, "--yes", "--state", directory]);
      expect(stderr).toMatch(/^quorate: cannot use the run journal .*full.*nothing was done\n$/);
      expect(stdout).toBe("");
      expect(code).toBe(64);
    });
  });
});

describe("one node", () => {
  test.each([
    ["is cut off", (node: NodeName) => faults.cutNetwork(node), /no route|no answer|timed out|frozen/],
    ["is frozen", (node: NodeName) => faults.freezeNode(node), /frozen|no answer/],
  ] as const)("%s: it is unknown, the others are judged and miss its vote", async (_, begin, words) => {
    const node = await aFollower();
    const fault = await begin(node);
    try {
      const { report, code } = await askDoctor(CLUSTER);
      expect(statesOf(report, node)).toEqual(ALL_UNKNOWN);
      const { reason, message } = verdictOf(report, node, "unit");
      expect(reason, message).toBe("unreachable");
      expect(message).toMatch(words);
      expect(message).toContain(node);
      for (const other of others(node)) {
        expect(statesOf(report, other), other).toMatchObject({ unit: "ok", quorum: "degraded", store: "ok" });
        expect(verdictOf(report, other, "quorum").reason).toBe("voter-missing");
      }
      expect(code).toBe(3);
    } finally {
      await fault.undo();
      await makeWhole();
    }
  });

  test("has something else on dqlite's port: quorum says so", async () => {
    const node = await aFollower();
    const stopped = await faults.stopUnit(node, DQLITE_UNIT);
    try {
      await startLiar(node);
      const { report, code } = await askDoctor(CLUSTER);
      expect(verdictOf(report, node, "quorum")).toMatchObject({
        state: "unknown",
        reason: "protocol",
        message: expect.stringContaining("does not speak TLS"),
      });
      expect(report.causes.find((cause) => cause.node === node)).toMatchObject({ rung: "unit", reason: "stopped" });
      for (const other of others(node)) {
        expect(verdictOf(report, other, "quorum")).toMatchObject({ state: "degraded", reason: "voter-missing" });
        expect(verdictOf(report, other, "quorum").message).toContain("protocol");
      }
      expect(code).toBe(2);
    } finally {
      await stopLiar(node);
      await stopped.undo();
      await makeWhole();
    }
  });

  test("loses the datastore's socket midway: named while it is gone, and well again after", async () => {
    const node = await aFollower();
    await waitUntilOk(CLUSTER);
    const watching = watch();
    const latest = () => watching.reports.at(-1);
    try {
      await waitUntil("a first ok", () => latest()?.state === "ok", { timeoutMs: 40_000 });
      await runOnNodeOk(node, ["mv", KINE_SOCKET, `${KINE_SOCKET}.kept`]);
      const { report, code } = await askDoctor(CLUSTER);
      expect(verdictOf(report, node, "store")).toMatchObject({ state: "broken", reason: "reads-fail" });
      expect(verdictOf(report, node, "store").message).toContain("there is no such socket");
      expect(statesOf(report, node)).toMatchObject({ unit: "ok", quorum: "ok", store: "broken" });
      for (const other of others(node)) expect(statesOf(report, other), other).toEqual(ALL_OK);
      expect(code).toBe(2);
      // The watch has its connection still: it ends with the process, and the next start makes the socket anew.
      await faults.killDatastore(node).undo();
      await waitUntil(
        "the watch names the store",
        () => statesOf(latest() ?? report, node)["store"] === "unknown" && latest()?.state !== "ok",
        { timeoutMs: 20_000 },
      );
      expect(verdictOf(latest() ?? report, node, "store").message).toMatch(
        /no such socket|nobody listens|closed|broke/,
      );
      // An observer whose clock is an hour ahead sees as well that the unit has only just started.
      const ahead = await askDoctor([...CLUSTER, "--budget", "4s"], hourAhead);
      const unit = ahead.report.nodes.find((one) => one.node === node)?.verdicts.find(({ rung }) => rung === "unit");
      expect(unit?.evidence[0]?.value).toMatch(/ for \d+\.\d s,/);
      await waitUntil("ok again", () => latest()?.state === "ok", { timeoutMs: 90_000 });
    } finally {
      await watching.stop();
      await runOnNodeOk(node, ["sh", "-c", '[ -S "$0" ] && rm -f "$0.kept" || mv "$0.kept" "$0"', KINE_SOCKET]);
    }
  });
});

/** A node that does not lead dqlite: without it the others go on at once. */
async function aFollower(): Promise<NodeName> {
  const leader = await waitFor("a leader", datastoreLeader, { timeoutMs: 30_000 });
  return others(leader)[0] as NodeName;
}
