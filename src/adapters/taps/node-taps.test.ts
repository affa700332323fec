import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTestClock } from "../../app/test-clock.ts";
import { known, unknown } from "../../core/model/observed.ts";
import { kubeadm } from "../../core/profiles/kubeadm/index.ts";
import { microk8s } from "../../core/profiles/microk8s/index.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import type { CommandResult, NodeAccess } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import { createNodeTaps } from "./node-taps.ts";

const FIXTURES = join(import.meta.dirname, "../dqlite/fixtures");
const FILES: Readonly<Record<string, string>> = {
  [microk8s.dqlite?.clusterPath ?? ""]: "cluster.yaml",
  [microk8s.dqlite?.infoPath ?? ""]: "info.yaml",
  [microk8s.dqlite?.certificatePath ?? ""]: "certificates/cluster.crt",
  [microk8s.dqlite?.keyPath ?? ""]: "certificates/cluster.key",
};

const DONE: CommandResult = { outcome: "exited", exitCode: 0, stdout: Buffer.alloc(0), stderr: "", durationMs: 5 };

/** A node whose files are the fixtures, where nothing listens, and whose commands end as the test says. */
function scene(result: Partial<CommandResult> = {}, profile: Profile = microk8s, files = FILES) {
  const commands: (readonly string[])[] = [];
  const reads: string[] = [];
  const access: NodeAccess = {
    name: "k8s01",
    via: { kind: "ssh", host: "root@k8s01" },
    run: (argv) => {
      commands.push(argv);
      return Promise.resolve({ ...DONE, ...result });
    },
    stream: () => Promise.reject(new TapError("unreachable", "no streams here")),
    readFile: (path) => {
      reads.push(path);
      const file = files[path];
      const missing = unknown("not-found", `k8s01: ${path} does not exist`);
      return Promise.resolve(file === undefined ? missing : known(readFileSync(join(FIXTURES, file))));
    },
    connect: () => Promise.reject(new TapError("connection-refused", "k8s01: nobody listens there")),
    close: () => Promise.resolve(),
  };
  const clock = createTestClock(0);
  return { taps: createNodeTaps({ access, profile, clock }), clock, commands, reads };
}

describe("the stop marker", () => {
  test.each<[string, Partial<CommandResult>, object]>([
    ["is there", { exitCode: 0 }, { known: true, value: true }],
    ["is not there", { exitCode: 1 }, { known: true, value: false }],
    ["is not known when sudo refused", { exitCode: 1, stderr: "sudo: a password is required\n" }, { known: false }],
    ["is not known when test itself failed", { exitCode: 2, stderr: "test: extra argument\n" }, { known: false }],
    ["is not known without an answer", { outcome: "deadline", exitCode: null }, { known: false, reason: "deadline" }],
    [
      "is not known when the node cannot be reached",
      { outcome: "not-started", exitCode: null, stderr: "no route" },
      { known: false },
    ],
    ["is not known when the command was killed", { exitCode: null }, { known: false }],
  ])("%s", async (_, result, expected) => {
    const { taps, commands } = scene(result);
    expect(await taps.readStopMarker(100)).toMatchObject(expected);
    expect(commands).toEqual([["test", "-e", microk8s.stopMarkerPath]]);
  });

  test("does not exist by design elsewhere, and nothing is asked", async () => {
    const { taps, commands } = scene({}, kubeadm);
    expect(await taps.readStopMarker(100)).toEqual({ known: true, value: false });
    expect(commands).toEqual([]);
  });
});

describe("the members", () => {
  test("are what the node's files list, and its own is named", async () => {
    const reading = await scene().taps.readMembers(100);
    expect(reading).toMatchObject({ known: true });
    if (!reading.known) return;
    expect(reading.value.all.length).toBeGreaterThan(1);
    expect(reading.value.all).toContainEqual(reading.value.own);
  });

  test("are known without the own one when only its file is missing", async () => {
    const { [microk8s.dqlite?.infoPath ?? ""]: _, ...files } = FILES;
    expect(await scene({}, microk8s, files).taps.readMembers(100)).toMatchObject({ known: true, value: { own: null } });
  });

  test("are not known without the list, with a list that is none, or without dqlite", async () => {
    expect(await scene({}, microk8s, {}).taps.readMembers(100)).toMatchObject({ known: false, reason: "not-found" });
    const garbage = { ...FILES, [microk8s.dqlite?.clusterPath ?? ""]: "certificates/cluster.key" };
    expect(await scene({}, microk8s, garbage).taps.readMembers(100)).toMatchObject({
      known: false,
      reason: "protocol",
    });
    expect(await scene({}, kubeadm).taps.readMembers(100)).toMatchObject({ known: false, reason: "not-configured" });
  });

  test("are asked with the cluster's certificate, which is read once", async () => {
    const { taps, reads } = scene();
    const member = { id: null, address: "198.51.100.1:19001" };
    expect(await taps.askMember(member, 100)).toMatchObject({ known: false, reason: "connection-refused" });
    await taps.askMember(member, 100);
    expect(reads).toEqual([microk8s.dqlite?.certificatePath, microk8s.dqlite?.keyPath]);
  });

  test("are not asked without the certificate, nor at an address that is none", async () => {
    const member = { id: null, address: "198.51.100.1:19001" };
    expect(await scene({}, microk8s, {}).taps.askMember(member, 100)).toMatchObject({
      known: false,
      reason: "not-found",
    });
    const nowhere = { id: null, address: "no address" };
    expect(await scene().taps.askMember(nowhere, 100)).toMatchObject({ known: false, reason: "protocol" });
  });
});

describe("the node's own apiserver", () => {
  test("is not known without the node's kubeconfig, which is looked for again only after a while", async () => {
    const { taps, clock, reads } = scene();
    for (const read of [
      () => taps.readReadyz(100),
      () => taps.lock.read(100),
      () => taps.readLease("kube-system", "x", 100),
    ]) {
      expect(await read()).toMatchObject({
        known: false,
        reason: "not-found",
        detail: expect.stringContaining("client.config"),
      });
    }
    expect(reads).toHaveLength(1);
    await clock.pass(3500);
    await taps.readReadyz(100);
    expect(reads).toHaveLength(2);
  });

  test("without it the lock is not taken and not certainly released", async () => {
    const { taps } = scene();
    expect(await taps.lock.take("a/1", 100)).toMatchObject({ outcome: "unknown" });
    expect(await taps.lock.release("a/1", 100)).toBe(false);
  });

  test("has no cache of a resource that is not judged", async () => {
    const { taps } = scene();
    expect(taps.cachedResources).toContain("leases.coordination.k8s.io");
    expect(await taps.readCache("events", 100)).toMatchObject({ known: false, reason: "not-configured" });
  });
});

describe("units", () => {
  test("that a distribution does not have are not configured, and nothing is asked", async () => {
    const { taps, commands } = scene({}, kubeadm);
    expect(await taps.readUnit("datastore", 100)).toMatchObject({ known: false, reason: "not-configured" });
    expect(commands).toEqual([]);
  });

  test("a restart names unit, InvocationID, token and stop marker word by word", async () => {
    const { taps, commands } = scene({ stdout: Buffer.from("100.5 200.1\n") });
    const expectedInvocationId = "0123456789abcdef0123456789abcdef";
    await taps.restart({ role: "datastore", expectedInvocationId, token: 4711, deadlineMs: 1000 });
    const words = commands.at(-1) ?? [];
    for (const word of [microk8s.units.datastore, expectedInvocationId, "4711", microk8s.stopMarkerPath]) {
      expect(words).toContain(word);
    }
  });

  test("a restart without a node to run it on did nothing", async () => {
    const { taps } = scene({
      outcome: "not-started",
      exitCode: null,
      stderr: "k8s01: no route to host",
      reason: "unreachable",
    });
    const request = { role: "datastore", expectedInvocationId: "0".repeat(32), token: 1, deadlineMs: 1000 } as const;
    expect(await taps.restart(request)).toMatchObject({ outcome: "failed" });
  });
});

test("nothing is opened before something is read, and closing is safe twice", async () => {
  const { taps, commands, reads } = scene();
  expect(taps.shellPrefix).toBe("ssh root@k8s01 ");
  await taps.close();
  await taps.close();
  expect([commands, reads]).toEqual([[], []]);
});
