import { describe, expect, test } from "vitest";
import { known } from "../../core/model/observed.ts";
import type { KubeApi } from "../../ports/kube-api.ts";
import type { TakeResult } from "../../ports/restart-lock.ts";
import { createLeaseLock, LOCK_DURATION_SECONDS } from "./lease-lock.ts";
import { createLeaseServer, type LeaseServer } from "./test-lease-server.ts";

const SERVER_START_MS = Date.UTC(2026, 5, 24, 16, 16);
const DEADLINE_MS = 1000;

interface Scene {
  readonly server: LeaseServer;
  readonly lock: ReturnType<typeof createLeaseLock>;
  /** The server's clock; ours plays no part. */
  readonly time: { ms: number };
  readonly take: (holder: string) => Promise<TakeResult>;
  readonly release: (holder: string) => Promise<boolean>;
  readonly holder: () => unknown;
}

function scene(): Scene {
  const time = { ms: SERVER_START_MS };
  let revision = 100;
  const nextRevision = () => {
    revision += 1;
    return revision;
  };
  const server = createLeaseServer({ nowMs: () => time.ms }, nextRevision);
  const lock = createLeaseLock(server.api);
  return {
    server,
    lock,
    time,
    take: (holder) => lock.take(holder, DEADLINE_MS),
    release: (holder) => lock.release(holder, DEADLINE_MS),
    holder: () => server.lease()?.spec["holderIdentity"],
  };
}

function tokenOf(result: TakeResult): number {
  if (result.outcome !== "held") throw new Error(`not held: ${result.outcome}`);
  return result.token;
}

describe("taking", () => {
  test("a lock that never existed is free, and its token is the revision of the write", async () => {
    const { server, lock, take } = scene();
    expect(await lock.read(DEADLINE_MS)).toMatchObject({ known: true, value: { holder: null } });
    expect(await take("a/1")).toEqual({ outcome: "held", token: 101 });
    expect(await lock.read(DEADLINE_MS)).toMatchObject({ known: true, value: { holder: "a/1", token: 101 } });
    expect(server.lease()?.spec).toMatchObject({
      holderIdentity: "a/1",
      leaseDurationSeconds: LOCK_DURATION_SECONDS,
      leaseTransitions: 1,
      acquireTime: expect.stringMatching(/^2026-06-24T16:16:00\.\d{6}Z$/),
      renewTime: expect.stringMatching(/^2026-06-24T16:16:00\.\d{6}Z$/),
    });
  });

  test("a held lock is not taken, and its holder is named", async () => {
    const { take, holder } = scene();
    const token = tokenOf(await take("a/1"));
    expect(await take("b/1")).toEqual({ outcome: "held-by-other", holder: "a/1", token });
    expect(holder()).toBe("a/1");
  });

  test("its own holder takes it anew with a higher token", async () => {
    const { take } = scene();
    const first = tokenOf(await take("a/1"));
    expect(tokenOf(await take("a/1"))).toBeGreaterThan(first);
  });

  test.each(["create", "update"])("of two takers at once one wins, by %s", async (by) => {
    const { take, release, holder } = scene();
    if (by === "update") {
      await take("z/1");
      await release("z/1");
    }
    const results = await Promise.all(["a/1", "b/1", "c/1"].map(take));
    const outcomes = results.map(({ outcome }) => outcome).toSorted((a, b) => a.localeCompare(b));
    expect(outcomes).toEqual(["held", "lost-race", "lost-race"]);
    expect(holder()).toBe(["a/1", "b/1", "c/1"][results.findIndex(({ outcome }) => outcome === "held")]);
  });

  test("the token only grows: over a release, another holder and a deletion", async () => {
    const { server, take, release } = scene();
    const tokens = [tokenOf(await take("a/1"))];
    await release("a/1");
    tokens.push(tokenOf(await take("b/1")));
    server.put(null);
    tokens.push(tokenOf(await take("c/1")));
    await release("c/1");
    server.put(null);
    tokens.push(tokenOf(await take("a/1")));
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test("a Lease that was deleted between the read and the write is not taken blindly", async () => {
    const { server, take, release } = scene();
    await take("a/1");
    await release("a/1");
    server.fault = ({ method }) => {
      if (method === "PUT") server.put(null);
      return null;
    };
    expect(await take("b/1")).toMatchObject({ outcome: "unknown", detail: expect.stringContaining("404") });
  });
});

describe("expiry", () => {
  test("is judged by the server's clock and not by ours", async () => {
    const { time, take, lock } = scene();
    await take("a/1");
    time.ms += LOCK_DURATION_SECONDS * 1000 - 1000;
    expect(await take("b/1")).toMatchObject({ outcome: "held-by-other", holder: "a/1" });
    time.ms += 3000;
    expect(await lock.read(DEADLINE_MS)).toMatchObject({ value: { holder: null } });
    expect(await take("b/1")).toMatchObject({ outcome: "held" });
  });

  test("a lock from a server in another year is held while that server's clock says so", async () => {
    const { time, take } = scene();
    time.ms = Date.UTC(1999, 0, 1);
    await take("a/1");
    time.ms += 60_000;
    expect(await take("b/1")).toMatchObject({ outcome: "held-by-other" });
  });

  test("of two that take over an expired lock one wins", async () => {
    const { time, take } = scene();
    await take("a/1");
    time.ms += LOCK_DURATION_SECONDS * 1000 + 2000;
    const results = await Promise.all([take("b/1"), take("c/1")]);
    expect(results.filter(({ outcome }) => outcome === "held")).toHaveLength(1);
  });

  test.each([
    { renewTime: "yesterday", leaseDurationSeconds: 600 },
    { renewTime: "2026-06-24T10:00:00.000000Z" },
    { leaseDurationSeconds: 600 },
  ])("a Lease whose time cannot be read stays held: %j", async (spec) => {
    const { server, take } = scene();
    server.put({ holderIdentity: "ansible/7", ...spec });
    expect(await take("b/1")).toMatchObject({ outcome: "held-by-other", holder: "ansible/7" });
  });

  test("without a Date header the age is not known, and nothing is taken", async () => {
    const { server, take, lock, holder } = scene();
    server.hasDate = false;
    expect(await lock.read(DEADLINE_MS)).toMatchObject({ known: false, reason: "protocol" });
    expect(await take("b/1")).toMatchObject({ outcome: "unknown" });
    expect(holder()).toBeUndefined();
  });
});

function isWrite({ method }: { readonly method: string }): boolean {
  return method === "POST" || method === "PUT";
}

describe("a write without an answer", () => {
  test("that was applied is recognised, with the token of the write", async () => {
    const { server, take } = scene();
    server.fault = (request) => (isWrite(request) ? "lost-answer" : null);
    expect(await take("a/1")).toEqual({ outcome: "held", token: 101 });
  });

  test("that was applied late, before the look, is recognised", async () => {
    const { server, take } = scene();
    let isLate = false;
    server.fault = (request) => {
      if (isWrite(request)) isLate = true;
      else if (isLate) server.applyLate();
      return isWrite(request) ? "late" : null;
    };
    expect(await take("a/1")).toEqual({ outcome: "held", token: 101 });
  });

  test("that was not applied is not taken for held", async () => {
    const { server, take } = scene();
    server.fault = (request) => (isWrite(request) ? "lost-request" : null);
    expect(await take("a/1")).toMatchObject({ outcome: "unknown", detail: expect.stringContaining("no answer") });
  });

  test("that is applied only after the look leaves a lock in our name, which we meet again and which runs out", async () => {
    const { server, take, time } = scene();
    server.fault = (request) => (isWrite(request) ? "late" : null);
    expect(await take("a/1")).toMatchObject({ outcome: "unknown" });
    server.applyLate();
    server.fault = () => null;
    expect(await take("b/1")).toMatchObject({ outcome: "held-by-other", holder: "a/1" });
    expect(await take("a/1")).toMatchObject({ outcome: "held" });
    time.ms += LOCK_DURATION_SECONDS * 1000 + 2000;
    expect(await take("b/1")).toMatchObject({ outcome: "held" });
  });

  test("that comes late does not overwrite what another took meanwhile", async () => {
    const { server, take, release, holder } = scene();
    await take("z/1");
    await release("z/1");
    server.fault = (request) => (isWrite(request) ? "late" : null);
    await take("a/1");
    server.fault = () => null;
    await take("b/1");
    server.applyLate();
    expect(holder()).toBe("b/1");
  });
});

describe("releasing", () => {
  test("gives back what is ours, and the next one takes it at once", async () => {
    const { take, release, holder } = scene();
    await take("a/1");
    expect(await release("a/1")).toBe(true);
    expect(holder()).toBe("");
    expect(await take("b/1")).toMatchObject({ outcome: "held" });
  });

  test("leaves another's lock alone", async () => {
    const { server, take, release, holder } = scene();
    await take("b/1");
    expect(await release("a/1")).toBe(true);
    expect(holder()).toBe("b/1");
    expect(server.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  test("of a lock that another took over between the look and the write changes nothing", async () => {
    const { server, take, release, holder } = scene();
    await take("a/1");
    server.fault = ({ method }) => {
      if (method === "PUT" && holder() === "a/1") server.put({ holderIdentity: "b/1", leaseDurationSeconds: 600 });
      return null;
    };
    expect(await release("a/1")).toBe(true);
    expect(holder()).toBe("b/1");
  });

  test("is certain after a write whose answer was lost, and not certain while nothing can be read", async () => {
    const { server, take, release } = scene();
    await take("a/1");
    server.fault = ({ method }) => (method === "PUT" ? "lost-answer" : null);
    expect(await release("a/1")).toBe(true);
    server.fault = () => "lost-request";
    expect(await release("a/1")).toBe(false);
  });

  test("is not certain when the write was lost", async () => {
    const { server, take, release, holder } = scene();
    await take("a/1");
    server.fault = ({ method }) => (method === "PUT" ? "lost-request" : null);
    expect(await release("a/1")).toBe(false);
    expect(holder()).toBe("a/1");
  });

  test("of a lock that nobody holds is certain", async () => {
    const { release } = scene();
    expect(await release("a/1")).toBe(true);
  });
});

/** An apiserver that answers every request alike. */
function answering(status: number, body: unknown): KubeApi {
  const answer = { status, latencyMs: 1, resourceVersion: null, serverDateMs: SERVER_START_MS, body };
  return { ...scene().server.api, request: () => Promise.resolve(known(answer)) };
}

describe("answers that are no Lease", () => {
  test.each([
    [200, "<html>Sign in to continue</html>"],
    [200, null],
    [200, {}],
    [200, { kind: "Lease", metadata: {}, spec: { holderIdentity: "" } }],
    [200, { kind: "Lease", metadata: { resourceVersion: "abc" }, spec: {} }],
    [200, { kind: "Lease", metadata: { resourceVersion: "12" }, spec: { holderIdentity: 7 } }],
    [500, { message: "etcdserver: request timed out" }],
    [301, ""],
  ])("HTTP %i %j: the lock is unknown, never free", async (status, body) => {
    const lock = createLeaseLock(answering(status, body));
    expect(await lock.read(DEADLINE_MS)).toMatchObject({ known: false });
    expect(await lock.take("a/1", DEADLINE_MS)).toMatchObject({ outcome: "unknown" });
    expect(await lock.release("a/1", DEADLINE_MS)).toBe(false);
  });
});
