import { describe, expect, it } from "vitest";
import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import type { KubeApi, KubeRequest, KubeResponse } from "../../ports/kube-api.ts";
import { resourceVersionOf } from "../../ports/kube-body.ts";
import type { CachedResource } from "./cached-resources.ts";
import { CACHED_RESOURCES, resourceName } from "./cached-resources.ts";
import { readLease } from "./lease-read.ts";
import { readCachePair } from "./reads.ts";
import { readReadyz } from "./readyz.ts";

// Bodies captured from kube-apiserver 1.36.2.
const TOO_LARGE = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "Timeout: Too large resource version: 999999, current: 465",
  reason: "Timeout",
  details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] },
  code: 504,
};
const LEASE = {
  kind: "Lease",
  apiVersion: "coordination.k8s.io/v1",
  metadata: { name: "kube-scheduler", namespace: "kube-system", resourceVersion: "464" },
  spec: { holderIdentity: "k8s01_6230ac48", leaseDurationSeconds: 60, renewTime: "2026-11-22T00:54:31.637282Z" },
};

function emptyList(revision: string): unknown {
  return { kind: "NodeList", apiVersion: "v1", metadata: { resourceVersion: revision }, items: [] };
}

function answer(status: number, body: unknown, latencyMs = 5): Reading<KubeResponse> {
  return known({ status, latencyMs, resourceVersion: resourceVersionOf(body), serverDateMs: null, body });
}

/** A KubeApi that gives the answers in order and keeps what was asked. */
function scripted(answers: Reading<KubeResponse>[]): { readonly api: KubeApi; readonly asked: KubeRequest[] } {
  const asked: KubeRequest[] = [];
  const api: KubeApi = {
    async request(request) {
      asked.push(request);
      return answers.shift() ?? unknown("not-read-yet", "the script is over");
    },
    watch: () => () => {},
    ping: async () => unknown("not-read-yet", "unused"),
    close: () => {},
  };
  return { api, asked };
}

function resource(plural: string): CachedResource {
  const found = CACHED_RESOURCES.find((one) => one.plural === plural);
  if (found === undefined) throw new Error(`no ${plural}`);
  return found;
}

describe("a pair of reads of a watch cache", () => {
  it("asks first without resourceVersion, then with 0, each for nothing, in an impossible namespace", async () => {
    const { api, asked } = scripted([answer(200, emptyList("706"), 3_021), answer(200, emptyList("694"), 20)]);
    expect(await readCachePair(api, resource("leases"), 5_000)).toEqual(
      known({
        resource: "leases.coordination.k8s.io",
        latest: { revision: 706, latencyMs: 3_021 },
        cache: { revision: 694, latencyMs: 20 },
      }),
    );
    const path = "/apis/coordination.k8s.io/v1/namespaces/quorate-nothing-/leases";
    expect(asked).toEqual([
      { method: "GET", path, query: {}, deadlineMs: 5_000 },
      { method: "GET", path, query: { resourceVersion: "0" }, deadlineMs: 5_000 },
    ]);
  });

  it("selects an impossible name where there are no namespaces", async () => {
    const { api, asked } = scripted([answer(200, emptyList("1")), answer(200, emptyList("1"))]);
    await readCachePair(api, resource("nodes"), 5_000);
    const fieldSelector = "metadata.name=quorate-nothing-";
    expect(asked.map((one) => [one.path, one.query])).toEqual([
      ["/api/v1/nodes", { fieldSelector }],
      ["/api/v1/nodes", { fieldSelector, resourceVersion: "0" }],
    ]);
  });

  it("has no latest revision when the apiserver gave up waiting for its cache", async () => {
    const { api } = scripted([answer(504, TOO_LARGE, 3_004), answer(200, emptyList("465"))]);
    expect(await readCachePair(api, resource("pods"), 5_000)).toMatchObject({
      known: true,
      value: { latest: { revision: null, latencyMs: 3_004 }, cache: { revision: 465 } },
    });
  });

  it("is unknown when either read is, for its reason", async () => {
    const late = unknown("deadline", "no answer within 5000 ms");
    expect(await readCachePair(scripted([late]).api, resource("pods"), 5_000)).toEqual(late);
    const half = scripted([answer(200, emptyList("1")), late]);
    expect(await readCachePair(half.api, resource("pods"), 5_000)).toEqual(late);
  });

  it.each([
    [429, { message: "storage is (re)initializing" }, "server-error"],
    [500, { message: "etcdserver: request timed out" }, "server-error"],
    [504, { message: "context deadline exceeded" }, "server-error"],
    [404, "404 page not found\n", "not-configured"],
    [200, { kind: "NodeList", metadata: {} }, "protocol"],
    [200, emptyList("9007199254740993"), "protocol"],
    [200, emptyList("-1"), "protocol"],
    [200, "hello", "protocol"],
  ])("is never a value for %i %j", async (status, body, reason) => {
    const { api } = scripted([answer(status, body)]);
    expect(await readCachePair(api, resource("pods"), 5_000)).toMatchObject({ known: false, reason });
  });
});

describe("the table of cached resources", () => {
  it("names each resource once, and not events: they have no watch cache", () => {
    const names = CACHED_RESOURCES.map(resourceName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("deployments.apps");
    expect(names.some((name) => name.startsWith("events"))).toBe(false);
  });
});

describe("a Lease", () => {
  it("is read without resourceVersion and keeps its times in ms", async () => {
    const { api, asked } = scripted([answer(200, LEASE)]);
    expect(await readLease(api, "kube-system", "kube-scheduler", 1_000)).toEqual(
      known({
        namespace: "kube-system",
        name: "kube-scheduler",
        holderIdentity: "k8s01_6230ac48",
        renewAtMs: Date.UTC(2026, 10, 22, 0, 54, 31, 637),
        serverAtMs: null,
        leaseDurationSeconds: 60,
        leaseTransitions: null,
        resourceVersion: "464",
        latencyMs: 5,
      }),
    );
    expect(asked[0]?.query).toBeUndefined();
  });

  it("held by nobody has no holder", async () => {
    const empty = { ...LEASE, spec: { holderIdentity: "", renewTime: "soon" } };
    const { api } = scripted([answer(200, empty)]);
    expect(await readLease(api, "a", "b", 1_000)).toMatchObject({ value: { holderIdentity: null, renewAtMs: null } });
  });

  it("that is not there is not-found, a failing apiserver a server-error", async () => {
    const { api } = scripted([answer(404, { message: 'leases "b" not found' }), answer(500, { message: "no" })]);
    expect(await readLease(api, "a", "b", 1_000)).toMatchObject({ reason: "not-found" });
    expect(await readLease(api, "a", "b", 1_000)).toMatchObject({ reason: "server-error" });
  });
});

describe("readyz", () => {
  it("is its status, also when that is 500, and no body", async () => {
    const { api } = scripted([answer(500, "[-]etcd failed", 7)]);
    expect(await readReadyz(api, 1_000)).toEqual(known({ status: 500, latencyMs: 7 }));
  });
});
