import type { LeaseRead } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import type { KubeApi, KubeResponse } from "../../ports/kube-api.ts";
import { field, messageOf, textField } from "../../ports/kube-body.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { valueOf } from "./reads.ts";

/**
 * A Lease by an unset-resourceVersion GET: always from storage, on every version. `not-found` when there is none.
 * Never throws.
 */
export async function readLease(
  api: KubeApi,
  namespace: string,
  name: string,
  deadlineMs: number,
): Promise<Reading<LeaseRead>> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${encodeURIComponent(name)}`;
  return toReading(
    api
      .request({ method: "GET", path, deadlineMs })
      .then((reading) => parseLease(valueOf(reading), { namespace, name })),
  );
}

function parseLease(response: KubeResponse, lease: { readonly namespace: string; readonly name: string }): LeaseRead {
  const what = `Lease ${lease.namespace}/${lease.name}`;
  if (response.status === 404) throw new TapError("not-found", `${what}: ${messageOf(response.body)}`);
  if (response.status !== 200) {
    throw new TapError("server-error", `${what}: ${response.status} ${messageOf(response.body)}`);
  }
  if (response.resourceVersion === null) throw new TapError("protocol", `${what}: no metadata.resourceVersion`);
  const spec = field(response.body, "spec");
  return {
    ...lease,
    // An empty holder is what a leader leaves behind when it steps down: nobody holds it.
    holderIdentity: textField(spec, "holderIdentity") || null,
    renewAtMs: parseMicroTime(textField(spec, "renewTime")),
    serverAtMs: response.serverDateMs,
    leaseDurationSeconds: wholeNumber(field(spec, "leaseDurationSeconds")),
    leaseTransitions: wholeNumber(field(spec, "leaseTransitions")),
    resourceVersion: response.resourceVersion,
    latencyMs: response.latencyMs,
  };
}

/** RFC 3339 with microseconds (apimachinery MicroTime) as ms since the epoch; null when absent or malformed. */
function parseMicroTime(text: string | undefined): number | null {
  const atMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
}

function wholeNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
