import type { Host } from "../host/host.ts";
import type { Process } from "../process.ts";
import type { ApiRequest } from "./apiserver.ts";
import { isObject, type KubeObject } from "./object.ts";
import { apiPath, resourceNamed } from "./resources.ts";
import type { Reply } from "./status.ts";
import { microTimeText } from "./time.ts";

/** An apiserver's request to itself, without the network. */
export type Loopback = (request: ApiRequest, done: (reply: Reply) => void) => void;

/** controlplane/apiserver: each apiserver says every 10 s that it lives, in a Lease of an hour. */
const RENEW_MS = 10_000;
const DURATION_SECONDS = 3600;

const LEASES = resourceNamed("leases.coordination.k8s.io");
const COLLECTION = apiPath(LEASES, "kube-system");

interface IdentityOptions {
  readonly host: Host;
  readonly process: Process;
  /** `apiserver-` and a hash of the host's name: the same over all restarts. */
  readonly name: string;
  /** New with each start. */
  readonly uid: string;
  readonly loopback: Loopback;
}

/** `onWritten` is told of each renewal. */
export function renewIdentityLease(
  { host, process, name, uid, loopback }: IdentityOptions,
  onWritten: () => void,
): void {
  let last: KubeObject | null = null;
  let isUnderWay = false;

  function renew(): void {
    if (isUnderWay) return;
    isUnderWay = true;
    if (last === null) return loopback({ method: "GET", path: `${COLLECTION}/${name}` }, found);
    const spec = { ...last.spec, ...specOf() };
    loopback({ method: "PUT", path: `${COLLECTION}/${name}`, body: { ...last, spec } }, written);
  }

  function specOf() {
    const renewTime = microTimeText(host.clock.nowMs());
    return { holderIdentity: `${name}_${uid}`, leaseDurationSeconds: DURATION_SECONDS, renewTime };
  }

  function found({ status, body }: Reply): void {
    isUnderWay = false;
    if (status === 200 && isObject(body)) {
      last = body;
      return renew();
    }
    if (status !== 404) return;
    const labels = { "apiserver.kubernetes.io/identity": "kube-apiserver", "kubernetes.io/hostname": host.name };
    const metadata = { name, namespace: "kube-system", labels };
    isUnderWay = true;
    loopback({ method: "POST", path: COLLECTION, body: { metadata, spec: specOf() } }, written);
  }

  function written({ status, body }: Reply): void {
    isUnderWay = false;
    // Whatever went wrong, the next round begins with a look.
    last = status < 300 && isObject(body) ? body : null;
    if (last !== null) onWritten();
  }

  renew();
  process.every(RENEW_MS, renew);
}
