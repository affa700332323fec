import { randomInt } from "node:crypto";
import type { LockState } from "../../core/guard/rule.ts";
import { known, type Reading, unknown } from "../../core/model/observed.ts";
import type { KubeApi, KubeResponse } from "../../ports/kube-api.ts";
import type { RestartLock, TakeResult } from "../../ports/restart-lock.ts";

/** The Lease that is the lock. One per cluster, next to the controllers' own. */
export const LOCK_NAMESPACE = "kube-system";
export const LOCK_NAME = "quorate-restart";

/**
 * How long the lock outlives a holder that vanished. A run takes 15 to 60 s as measured, and at the very most two acts
 * of 15 s to decide, 45 s to restart, 60 s to settle and 120 s to prove: 8 minutes. A quarter of an hour covers that.
 */
export const LOCK_DURATION_SECONDS = 900;

const PATH = `/apis/coordination.k8s.io/v1/namespaces/${LOCK_NAMESPACE}/leases`;

interface LeaseBody {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
  };
}

/**
 * The cluster's restart lock through one apiserver. Reads are GETs with unset resourceVersion (storage, never a cache);
 * a take is a create or an update that names the resourceVersion it saw, so of two takers one loses. The fencing token
 * is the Lease's resourceVersion after the take: a revision of the store, so it only grows, also over a deleted Lease.
 * Expiry is judged by the apiserver's Date header, not by this machine's clock, which may be skewed.
 *
 * `drawMicros` gives an integer from 0 to 999999; a simulated world passes its own, so that a run can be repeated.
 */
export function createLeaseLock(api: KubeApi, drawMicros: () => number = () => randomInt(1_000_000)): RestartLock {
  const lease: LockLease = { api, drawMicros };
  return {
    read: async (deadlineMs) => {
      const seen = await readLease(api, deadlineMs);
      return seen.known ? known(stateOf(seen.value)) : seen;
    },
    take: (holder, deadlineMs) => take(lease, holder, deadlineMs),
    release: (holder, deadlineMs) => release(lease, holder, deadlineMs),
  };
}

interface LockLease {
  readonly api: KubeApi;
  readonly drawMicros: () => number;
}

interface SeenLease {
  readonly body: LeaseBody | null;
  readonly serverNowMs: number;
}

async function readLease(api: KubeApi, deadlineMs: number): Promise<Reading<SeenLease>> {
  const reading = await api.request({ method: "GET", path: `${PATH}/${LOCK_NAME}`, deadlineMs });
  if (!reading.known) return reading;
  const { status, serverDateMs, body } = reading.value;
  if (serverDateMs === null)
    return unknown("protocol", "the apiserver sent no Date header, so the lock's age is not known");
  if (status === 404) return known({ body: null, serverNowMs: serverDateMs });
  if (status === 200 && isLease(body)) return known({ body, serverNowMs: serverDateMs });
  if (status === 200) return unknown("protocol", "the answer for the lock's Lease is no Lease");
  return unknown("server-error", `reading the lock's Lease failed: ${statusText(reading.value)}`);
}

/** A proxy's page or a half-written answer must not look like a lock that nobody holds. */
function isLease(body: unknown): body is LeaseBody {
  const { metadata, spec } = (body ?? {}) as { readonly metadata?: unknown; readonly spec?: unknown };
  const { resourceVersion } = (metadata ?? {}) as { readonly resourceVersion?: unknown };
  const { holderIdentity } = (spec ?? {}) as { readonly holderIdentity?: unknown };
  const isHolder = holderIdentity === undefined || holderIdentity === null || typeof holderIdentity === "string";
  return typeof resourceVersion === "string" && /^[1-9]\d*$/.test(resourceVersion) && isHolder;
}

function stateOf({ body, serverNowMs }: SeenLease): LockState {
  const holder = body?.spec?.holderIdentity ?? "";
  const token = Number(body?.metadata.resourceVersion ?? 0);
  if (holder === "" || isExpired(body, serverNowMs)) return { holder: null, token };
  return { holder, token };
}

/** An unreadable time never expires: the lock then stays held until its holder releases it or a person does. */
function isExpired(body: LeaseBody | null, serverNowMs: number): boolean {
  const renewedMs = Date.parse(body?.spec?.renewTime ?? "");
  const durationSeconds = body?.spec?.leaseDurationSeconds;
  if (Number.isNaN(renewedMs) || durationSeconds === undefined) return false;
  return serverNowMs > renewedMs + durationSeconds * 1000;
}

async function take(lease: LockLease, holder: string, deadlineMs: number): Promise<TakeResult> {
  const seen = await readLease(lease.api, deadlineMs);
  if (!seen.known) return { outcome: "unknown", detail: seen.detail };
  const state = stateOf(seen.value);
  if (state.holder !== null && state.holder !== holder) {
    return { outcome: "held-by-other", holder: state.holder, token: state.token };
  }
  const written = await write(lease, seen.value, holder, deadlineMs);
  if (!written.known) return settleWrite(lease.api, holder, deadlineMs, written.detail);
  const { status, resourceVersion } = written.value;
  if (status === 409) return { outcome: "lost-race" };
  if ((status === 200 || status === 201) && resourceVersion !== null)
    return { outcome: "held", token: Number(resourceVersion) };
  return { outcome: "unknown", detail: `writing the lock's Lease failed: ${statusText(written.value)}` };
}

/** A write without an answer may have been applied, even late: look before anything is said. */
async function settleWrite(api: KubeApi, holder: string, deadlineMs: number, detail: string): Promise<TakeResult> {
  const seen = await readLease(api, deadlineMs);
  const state = seen.known ? stateOf(seen.value) : null;
  if (state?.holder === holder) return { outcome: "held", token: state.token };
  return { outcome: "unknown", detail: `writing the lock's Lease had no answer: ${detail}` };
}

function write(
  { api, drawMicros }: LockLease,
  seen: SeenLease,
  holder: string | null,
  deadlineMs: number,
): Promise<Reading<KubeResponse>> {
  const before = seen.body;
  const now = microTime(seen.serverNowMs, drawMicros());
  const spec = {
    holderIdentity: holder ?? "",
    leaseDurationSeconds: LOCK_DURATION_SECONDS,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (holder === null ? 0 : 1),
  };
  const resourceVersion = before?.metadata.resourceVersion;
  const metadata = {
    name: LOCK_NAME,
    namespace: LOCK_NAMESPACE,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
  if (before === null) return api.request({ method: "POST", path: PATH, body, deadlineMs });
  return api.request({ method: "PUT", path: `${PATH}/${LOCK_NAME}`, body, deadlineMs });
}

/**
 * metav1.MicroTime, from the server's clock (whole seconds in a Date header). The microseconds are random, so that two
 * takes within one second still differ and the apiserver never skips an identical update.
 */
function microTime(serverNowMs: number, micros: number): string {
  return `${new Date(serverNowMs).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

async function release(lease: LockLease, holder: string, deadlineMs: number): Promise<boolean> {
  const seen = await readLease(lease.api, deadlineMs);
  if (!seen.known) return false;
  if (seen.value.body?.spec?.holderIdentity !== holder) return true;
  const written = await write(lease, seen.value, null, deadlineMs);
  if (written.known && written.value.status === 200) return true;
  const after = await readLease(lease.api, deadlineMs);
  return after.known && after.value.body?.spec?.holderIdentity !== holder;
}

function statusText(response: KubeResponse): string {
  const message = (response.body as { readonly message?: unknown } | null)?.message;
  return `HTTP ${response.status}${typeof message === "string" ? ` ${message}` : ""}`;
}
