import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Json } from "../../world/datastore/datastore.ts";
import type { ApiResponse } from "../../world/kube/apiserver.ts";
import type { World } from "../../world/world.ts";
import { ask, endClient, startClient } from "../client.ts";

/** The lock's Lease. A test compares it with the production lock's. */
export const LOCK_PATH = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
export const LOCK_NAME = "quorate-restart";

/** How often a taker tries while the lock is held by another one, or the apiserver does not answer. */
const RETRY_MS = 5000;

/** How often giving it back is tried; then it runs out by itself. */
const RELEASES_MAX = 5;

interface Holding {
  readonly holder: string;
  readonly leaseSeconds: number;
}

/** Takes the lock when it is free (it never steals one) and keeps it until the returned function is called. */
export function takeLock(world: World, node: NodeName, holding: Holding): () => void {
  const client = startClient(world, holding.holder);
  let isHeld = false;
  const readAnd = (then: (lease: ApiResponse) => void) =>
    ask(world, client, node, { method: "GET", path: `${LOCK_PATH}/${LOCK_NAME}` }, (lease) =>
      lease === null ? undefined : then(lease),
    );
  const heldNow = (response: ApiResponse | null) => {
    isHeld ||= response !== null && response.status < 300;
    if (isHeld) trying.cancel();
  };
  const attempt = () =>
    readAnd((lease) => {
      if (lease.status === 404) {
        ask(world, client, node, { method: "POST", path: LOCK_PATH, body: leaseOf(lease, holding) }, heldNow);
      } else if (lease.status === 200 && isFree(lease)) {
        ask(world, client, node, put(leaseOf(lease, holding)), heldNow);
      }
    });
  const trying = client.every(RETRY_MS, attempt);
  attempt();

  let releases = 0;
  const release = () => {
    releases += 1;
    if (releases > RELEASES_MAX) return endClient(client);
    readAnd((lease) => {
      if (holderOf(lease) !== holding.holder) return endClient(client);
      ask(world, client, node, put(leaseOf(lease, { ...holding, holder: "" })));
    });
    client.after(RETRY_MS, release);
  };
  return () => {
    trying.cancel();
    release();
  };
}

function put(body: Json) {
  return { method: "PUT", path: `${LOCK_PATH}/${LOCK_NAME}`, body } as const;
}

interface Lease {
  readonly metadata?: { readonly [key: string]: Json };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

function holderOf({ body }: ApiResponse): string {
  return (body as Lease | null)?.spec?.holderIdentity ?? "";
}

function isFree(lease: ApiResponse): boolean {
  if (lease.body === null) return false;
  if (holderOf(lease) === "") return true;
  const spec = (lease.body as Lease).spec ?? {};
  return Date.parse(spec.renewTime ?? "") + (spec.leaseDurationSeconds ?? 0) * 1000 < lease.dateMs;
}

/** The Lease as it is with another holder; times by the apiserver's clock, as the lock's protocol has it. */
function leaseOf(seen: ApiResponse, { holder, leaseSeconds }: Holding): Json {
  const now = `${new Date(seen.dateMs).toISOString().slice(0, -1)}000Z`;
  const metadata =
    seen.status === 200 ? ((seen.body as Lease).metadata ?? {}) : { name: LOCK_NAME, namespace: "kube-system" };
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata,
    spec: { holderIdentity: holder, leaseDurationSeconds: leaseSeconds, acquireTime: now, renewTime: now },
  };
}
