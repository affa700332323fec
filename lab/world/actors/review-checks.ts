import { parseTimeMs } from "../kube/time.ts";
import { field, type KubeObject } from "../kube/object.ts";
import { serviceName } from "../host/systemd-messages.ts";
import { apiPath, resourceNamed } from "../kube/resources.ts";
import type { ApiRequest, ApiResponse } from "../kube/apiserver.ts";
import { pause, type Task, until } from "../controllers/task.ts";
import { textAt } from "../controllers/values.ts";
import type { Process } from "../process.ts";
import { type LabNode, UNITS } from "../world.ts";

/** The four checks that the incident review and the runbook name. */
export const REVIEW_CHECKS = [
  "microk8s-watch-cache",
  "microk8s-newest-pod-age",
  "microk8s-dqlite-lock",
  "microk8s-kine",
] as const;
export type ReviewCheck = (typeof REVIEW_CHECKS)[number];

export type NagiosState = "OK" | "WARNING" | "CRITICAL" | "UNKNOWN";

export interface PluginResult {
  readonly state: NagiosState;
  readonly text: string;
}

/** A plugin that runs under NRPE on a node, and looks at that node alone. */
export type Plugin = (node: LabNode, process: Process) => Task<PluginResult> | PluginResult;

/** "no pod created cluster-wide for >30m" (incident review); half of it is the usual warning. */
const NEWEST_POD_MS = { warning: 900_000, critical: 1_800_000 } as const;
/** Between the canary's write and its read from the cache. */
const CANARY_WAIT_MS = 3000;
/** The seeds do not say from how many lines on the checks alert: one is a warning, ten are critical, in 5 min. */
const LINES = { warning: 1, critical: 10, windowMs: 300_000 } as const;

export const PLUGINS: Readonly<Record<ReviewCheck, Plugin>> = {
  "microk8s-watch-cache": watchCache,
  "microk8s-newest-pod-age": newestPodAge,
  "microk8s-dqlite-lock": (node) => countLines(node, UNITS.kubelite, "database is locked"),
  "microk8s-kine": (node) => countLines(node, UNITS.datastore, "(try: 500)"),
};

const CONFIG_MAPS = resourceNamed("configmaps");

/** The RV=0 canary: an annotation is written, and read back from the watch cache. */
function* watchCache({ name: node, host, apiserver }: LabNode, process: Process): Task<PluginResult> {
  const name = `watch-cache-canary-${node}`;
  const stamp = String(host.clock.nowMs());
  const path = apiPath(CONFIG_MAPS, "kube-system", name);
  const ask = (request: ApiRequest) => send(apiserver, process, request);
  const body = { metadata: { name, namespace: "kube-system", annotations: { stamp } } };
  let written = yield* ask({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  if (written?.status === 404) {
    const created = { apiVersion: "v1", kind: "ConfigMap", ...body };
    written = yield* ask({ method: "POST", path: apiPath(CONFIG_MAPS, "kube-system"), body: created });
  }
  if (written === null || written.status >= 300) return { state: "UNKNOWN", text: "the canary cannot be written" };
  yield* pause(process, CANARY_WAIT_MS);
  const read = yield* ask({ method: "GET", path, query: { resourceVersion: "0" } });
  const seen = textAt(read?.body, "metadata", "annotations", "stamp");
  if (seen === stamp) return { state: "OK", text: "the watch cache is fresh" };
  const ageMs = host.clock.nowMs() - Number(seen);
  return {
    state: "CRITICAL",
    text: seen === "" ? "the canary is not in the cache" : `the watch cache is ${minutes(ageMs)} old`,
  };
}

function* newestPodAge({ apiserver, host }: LabNode, process: Process): Task<PluginResult> {
  const list = yield* send(apiserver, process, { method: "GET", path: apiPath(resourceNamed("pods")) });
  if (list === null || list.status !== 200) return { state: "UNKNOWN", text: "pods cannot be listed" };
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const pod of (field(list.body, "items") ?? []) as readonly KubeObject[]) {
    newestMs = Math.max(newestMs, parseTimeMs(pod.metadata.creationTimestamp));
  }
  const ageMs = host.clock.nowMs() - newestMs;
  const state = ageMs > NEWEST_POD_MS.critical ? "CRITICAL" : ageMs > NEWEST_POD_MS.warning ? "WARNING" : "OK";
  return { state, text: `newest pod is ${minutes(ageMs)} old` };
}

function countLines({ host }: LabNode, unit: string, part: string): PluginResult {
  const matches = { _SYSTEMD_UNIT: serviceName(unit) };
  const entries = host.journal.read({ fromMs: host.clock.nowMs() - LINES.windowMs, matches });
  const count = entries.filter(({ fields }) => fields["MESSAGE"]?.includes(part) === true).length;
  const state = count >= LINES.critical ? "CRITICAL" : count >= LINES.warning ? "WARNING" : "OK";
  return { state, text: `${count} lines with "${part}" in 5 min` };
}

/** Null when nobody answers; a plugin that waits too long is ended by NRPE. */
function* send(apiserver: LabNode["apiserver"], process: Process, request: ApiRequest): Task<ApiResponse | null> {
  return yield* until<ApiResponse | null>((done) =>
    apiserver.request(process, { ...request, userAgent: "nagios-plugin" }, done, () => done(null)),
  );
}

function minutes(ms: number): string {
  return Number.isFinite(ms) ? `${Math.floor(ms / 60_000)} min` : "infinitely";
}
