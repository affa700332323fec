import { expect, test } from "vitest";
import { createTestHost, START_MS, UNIT } from "./test-host.ts";

const FROM = { unit: UNIT, identifier: "microk8s.daemon-k8s-dqlite", pid: 4711 };

test("a unit's line carries what journald knows, whatever its text says", async () => {
  const { host, runFor } = createTestHost();
  await runFor(1500);
  host.journal.print(FROM, "_SYSTEMD_UNIT=forged");
  const [entry] = host.journal.read({ fromMs: 0 });
  expect(entry?.realtimeMs).toBe(START_MS + 1500);
  expect(entry?.monotonicMs).toBe(1500);
  expect(entry?.fields).toEqual({
    MESSAGE: "_SYSTEMD_UNIT=forged",
    PRIORITY: "6",
    SYSLOG_IDENTIFIER: "microk8s.daemon-k8s-dqlite",
    _TRANSPORT: "stdout",
    _PID: "4711",
    _SYSTEMD_UNIT: `${UNIT}.service`,
    _BOOT_ID: expect.stringMatching(/^[0-9a-f]{32}$/),
    _HOSTNAME: "k8s01",
  });
  expect(entry?.cursor).toMatch(/^s=[0-9a-f]{32};i=1;b=[0-9a-f]{32};m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+$/);
});

test("a pod that claims to be the datastore gets its identifier and not its unit", () => {
  const { host } = createTestHost();
  host.journal.printAsPod("evil", `microk8s.daemon-k8s-dqlite[1]: level=error msg="database is locked"`);
  const [entry] = host.journal.read({ fromMs: 0 });
  expect(entry?.fields["SYSLOG_IDENTIFIER"]).toBe("microk8s.daemon-k8s-dqlite");
  expect(entry?.fields["_SYSTEMD_UNIT"]).toMatch(/^cri-containerd-[0-9a-f]{64}\.scope$/);
  expect(entry?.fields["_SYSTEMD_CGROUP"]).toMatch(/^\/kubepods\.slice\//);
  expect(entry?.fields["_TRANSPORT"]).toBe("syslog");
  expect(host.journal.read({ fromMs: 0, matches: { _SYSTEMD_UNIT: `${UNIT}.service` } })).toEqual([]);
});

test("systemd speaks as process 1 of init.scope and names the unit, with its message id", () => {
  const { host } = createTestHost();
  host.systemd.start(UNIT, "operator");
  const [entry] = host.journal.read({ fromMs: 0, matches: { UNIT: `${UNIT}.service` } });
  expect(entry?.fields).toMatchObject({
    _SYSTEMD_UNIT: "init.scope",
    _PID: "1",
    SYSLOG_IDENTIFIER: "systemd",
    MESSAGE_ID: "39f53479d3a045ac8e11786248231fbf",
    MESSAGE: `Started ${UNIT}.service - Service for snap application microk8s.daemon-k8s-dqlite.`,
    INVOCATION_ID: host.systemd.state(UNIT).invocationId,
  });
});

test("a range begins with its first ms and ends before its last", async () => {
  const { host, runFor } = createTestHost();
  for (let line = 0; line < 5; line += 1) {
    host.journal.print(FROM, String(line));
    await runFor(10);
  }
  const found = host.journal.read({ fromMs: START_MS + 10, untilMs: START_MS + 30 });
  expect(found.map((entry) => entry.fields["MESSAGE"])).toEqual(["1", "2"]);
});

test("after the clock was set back, a range finds the entries of both times", async () => {
  const { host, runFor } = createTestHost();
  host.journal.print(FROM, "before");
  await runFor(60_000);
  host.journal.print(FROM, "late");
  host.clock.step(-60_000);
  host.journal.print(FROM, "again");
  await runFor(60_000);
  host.journal.print(FROM, "later");
  const texts = (fromMs: number, untilMs: number) =>
    host.journal.read({ fromMs, untilMs }).map((entry) => entry.fields["MESSAGE"]);
  expect(texts(START_MS, START_MS + 1)).toEqual(["before", "again"]);
  expect(texts(START_MS + 60_000, START_MS + 60_001)).toEqual(["late", "later"]);
});

test("who follows is told of each entry until it lets go", () => {
  const { host } = createTestHost();
  const seen: (string | undefined)[] = [];
  const letGo = host.journal.follow((entry) => seen.push(entry.fields["MESSAGE"]));
  host.journal.print(FROM, "one");
  letGo();
  host.journal.print(FROM, "two");
  expect(seen).toEqual(["one"]);
});

test("rotation drops what is older, by the host's clock", async () => {
  const { host, runFor } = createTestHost();
  host.journal.print(FROM, "old");
  await runFor(10_000);
  host.journal.print(FROM, "new");
  host.journal.rotate(10_000);
  expect(host.journal.read({ fromMs: 0 })).toHaveLength(2);
  host.journal.rotate(9999);
  expect(host.journal.read({ fromMs: 0 }).map((entry) => entry.fields["MESSAGE"])).toEqual(["new"]);
  await runFor(10_000);
  host.journal.rotate(0);
  expect(host.journal.read({ fromMs: 0 })).toEqual([]);
});
