import type { CacheRead, RevisionRead } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import type { KubeApi, KubeResponse } from "../../ports/kube-api.ts";
import { field, messageOf, textField } from "../../ports/kube-body.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import type { CachedResource } from "./cached-resources.ts";
import { resourceName } from "./cached-resources.ts";

/**
 * A name that no object can have (it ends with a hyphen: RFC 1123 labels may not), so a LIST that selects it is
 * empty for ever and costs the apiserver nothing. As a namespace for namespaced resources, as `metadata.name` for
 * the others. Both forms go through the watch cache as an ordinary LIST does: measured on kube-apiserver 1.36.2.
 */
export const NOTHING_NAME = "quorate-nothing-";

/**
 * An unset-resourceVersion LIST on a frozen cache waits 3.0 s for it (kubernetes watch_cache.go, blockTimeout) and
 * then reads storage: 3.02 s measured. A pair that is given less ends as `deadline` just where it is needed.
 */
export const CACHE_PAIR_DEADLINE_MS = 5_000;

/**
 * First an unset-resourceVersion LIST (the truth), then a resourceVersion=0 LIST (the cache), each with `deadlineMs`
 * for itself. Never throws.
 *
 * On Kubernetes >= 1.31 above a datastore with progress requests the unset LIST is served from the cache once it is
 * fresh, so a healthy cache is never behind it; a frozen one answers after 3 s from storage, ahead of the cache. Above
 * other datastores (k8s-dqlite <= 1.3, etcd < 3.4.25 and 3.5 < 3.5.8) an unset LIST always reads storage, in
 * milliseconds, and an idle resource's cache lags behind it in health: a fast `latest` ahead of the cache proves nothing.
 */
export async function readCachePair(
  api: KubeApi,
  resource: CachedResource,
  deadlineMs: number,
): Promise<Reading<CacheRead>> {
  return toReading(
    (async () => {
      const latest = await listNothing(api, resource, { deadlineMs });
      const cache = await readCache(api, resource, deadlineMs);
      return { resource: resourceName(resource), latest, cache };
    })(),
  );
}

async function readCache(api: KubeApi, resource: CachedResource, deadlineMs: number): Promise<RevisionRead> {
  const { revision, latencyMs } = await listNothing(api, resource, { deadlineMs, resourceVersion: "0" });
  if (revision !== null) return { revision, latencyMs };
  throw new TapError("server-error", `LIST ${resourceName(resource)}: too large resource version for version 0`);
}

interface ListOptions {
  readonly deadlineMs: number;
  readonly resourceVersion?: "0";
}

/** A LIST of nothing and the revision it was served at; null when the apiserver gave up waiting for its cache. */
async function listNothing(
  api: KubeApi,
  resource: CachedResource,
  options: ListOptions,
): Promise<{ readonly revision: number | null; readonly latencyMs: number }> {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const path = `${root}${resource.namespaced ? `/namespaces/${NOTHING_NAME}` : ""}/${resource.plural}`;
  const reading = await api.request({
    method: "GET",
    path,
    query: {
      ...(resource.namespaced ? {} : { fieldSelector: `metadata.name=${NOTHING_NAME}` }),
      ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
    },
    deadlineMs: options.deadlineMs,
  });
  const response = valueOf(reading);
  if (response.status === 200) return { revision: revisionOf(response, path), latencyMs: response.latencyMs };
  if (isTooLargeResourceVersion(response)) return { revision: null, latencyMs: response.latencyMs };
  const reason = response.status === 404 ? "not-configured" : "server-error";
  throw new TapError(reason, `GET ${path}: ${response.status} ${messageOf(response.body)}`);
}

/** The value of a known reading; throws an unknown one as the TapError it came from. */
export function valueOf<T>(reading: Reading<T>): T {
  if (reading.known) return reading.value;
  throw new TapError(reading.reason, reading.detail);
}

function revisionOf(response: KubeResponse, path: string): number {
  const revision = Number(response.resourceVersion ?? Number.NaN);
  if (Number.isSafeInteger(revision) && revision > 0) return revision;
  throw new TapError("protocol", `GET ${path}: the list has no usable metadata.resourceVersion`);
}

/** 504 with the cause ResourceVersionTooLarge (apimachinery, storage.NewTooLargeResourceVersionError). */
function isTooLargeResourceVersion(response: KubeResponse): boolean {
  if (response.status !== 504) return false;
  const causes = field(field(response.body, "details"), "causes");
  const named =
    Array.isArray(causes) && causes.some((cause) => textField(cause, "reason") === "ResourceVersionTooLarge");
  return named || messageOf(response.body).includes("Too large resource version");
}
