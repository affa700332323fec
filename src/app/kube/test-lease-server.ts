import { known, type Reading, unknown } from "../../core/model/observed.ts";
import type { KubeApi, KubeRequest, KubeResponse } from "../../ports/kube-api.ts";
import { LOCK_NAME } from "./lease-lock.ts";

/** A Lease as the server stores it. */
export interface StoredLease {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What becomes of one request; null serves it as usual. */
export type LeaseFault =
  /** Not applied, and no answer. */
  | "lost-request"
  /** Applied, and no answer. */
  | "lost-answer"
  /** No answer; applied when `applyLate` is called. */
  | "late";

export interface LeaseServer {
  readonly api: KubeApi;
  lease(): StoredLease | null;
  /** Somebody else's write of the whole Lease (or its deletion), without any condition. */
  put(spec: Readonly<Record<string, unknown>> | null): void;
  /** Requests are asked about before they are served; it may also change the Lease, as another client would. */
  fault: (request: KubeRequest) => LeaseFault | null;
  /** Applies the requests that were kept back. */
  applyLate(): void;
  /** The requests that came in, oldest first. */
  readonly requests: readonly KubeRequest[];
  /** False: answers carry no Date header. */
  hasDate: boolean;
}

/**
 * The Lease part of an apiserver as far as a lock needs it: create conflicts with what exists, an update conflicts
 * unless it names the resourceVersion that is stored, and each write gets a revision of the store that only grows.
 */
export function createLeaseServer(time: { nowMs(): number }, nextRevision: () => number): LeaseServer {
  let lease: StoredLease | null = null;
  const late: KubeRequest[] = [];
  const requests: KubeRequest[] = [];
  const store = (spec: Readonly<Record<string, unknown>>) => {
    lease = { metadata: { name: LOCK_NAME, resourceVersion: String(nextRevision()) }, spec };
    return lease;
  };

  function apply({ method, body }: KubeRequest): { readonly status: number; readonly body: unknown } {
    const sent = body as StoredLease | undefined;
    if (method === "GET") return lease === null ? failure(404, "not found") : { status: 200, body: lease };
    if (sent === undefined) return failure(405, "not served here");
    if (method === "POST")
      return lease === null ? { status: 201, body: store(sent.spec) } : failure(409, "already exists");
    if (lease === null) return failure(404, "not found");
    if (sent.metadata.resourceVersion === lease.metadata.resourceVersion)
      return { status: 200, body: store(sent.spec) };
    return failure(409, "the object has been modified");
  }

  async function request(one: KubeRequest): Promise<Reading<KubeResponse>> {
    requests.push(one);
    const fault = server.fault(one);
    if (fault === "late") late.push(one);
    const answer = fault === "lost-request" || fault === "late" ? null : apply(one);
    await Promise.resolve();
    if (answer === null || fault === "lost-answer") return unknown("deadline", `no answer within ${one.deadlineMs} ms`);
    const serverDateMs = server.hasDate ? Math.floor(time.nowMs() / 1000) * 1000 : null;
    const stored = answer.body as Partial<StoredLease>;
    return known({ ...answer, latencyMs: 5, resourceVersion: stored.metadata?.resourceVersion ?? null, serverDateMs });
  }

  const server: LeaseServer = {
    api: {
      request,
      watch: () => () => undefined,
      ping: () => Promise.resolve(known(1)),
      close: () => undefined,
    },
    lease: () => lease,
    put: (spec) => {
      if (spec === null) lease = null;
      else store(spec);
    },
    fault: () => null,
    applyLate: () => {
      for (const one of late.splice(0)) apply(one);
    },
    requests,
    hasDate: true,
  };
  return server;
}

function failure(status: number, message: string): { readonly status: number; readonly body: unknown } {
  return { status, body: { kind: "Status", status: "Failure", message } };
}
