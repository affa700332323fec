import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Json } from "../../world/datastore/datastore.ts";
import { serviceName } from "../../world/host/systemd-messages.ts";
import { UNITS } from "../../world/world.ts";
import { newestAgeMs } from "../kubectl/get.ts";
import type { ListObject, PodObject } from "../kubectl/objects.ts";
import { spanText } from "../print.ts";
import type { Play } from "../stage.ts";

/** What a Nagios check says. */
export interface CheckResult {
  readonly check: string;
  readonly node: NodeName;
  readonly state: "OK" | "WARNING" | "CRITICAL" | "UNKNOWN";
  readonly text: string;
}

/** "no pod created cluster-wide for >30m" (incident review of 2026-06-24). */
const NEWEST_POD_MAX_MS = 30 * 60_000;

/** Between the canary's write and its read with resourceVersion=0: the review's test waits "a few seconds". */
const CANARY_WAIT_MS = 5000;

/** The seeds do not say from how many lines on their checks alert; one line is a warning, ten are critical. */
const LINES = { warning: 1, critical: 10 } as const;

const WINDOW_MS = 300_000;

/** kine.sock lines came every 4 to 5 min: three within a quarter of an hour are what the review calls persistent. */
const KINE_SOCK_LINES = { warning: 3, critical: 12 } as const;
const KINE_SOCK_WINDOW_MS = 900_000;

const CANARY = "/api/v1/namespaces/kube-system/configmaps";

/**
 * The review's own monitoring, by NRPE on each node: `microk8s-watch-cache` (the RV=0 canary), `microk8s-newest-pod-age`,
 * `microk8s-dqlite-lock` and `microk8s-kine` (the lines of kubelite and k8s-dqlite), and what its action item 3 asked for,
 * `kine-sock` (kine.sock reconnection failures). Besides, `readyz`, which everybody believes. Time must pass meanwhile.
 */
export async function checkNode(play: Play, node: NodeName): Promise<readonly CheckResult[]> {
  const [cache, pod, ready] = await Promise.all([watchCache(play, node), newestPod(play, node), readyz(play, node)]);
  return [
    ready,
    cache,
    pod,
    lines(play, node, "microk8s-dqlite-lock", {
      unit: "kubelite",
      text: "database is locked",
      windowMs: WINDOW_MS,
      ...LINES,
    }),
    lines(play, node, "microk8s-kine", { unit: "datastore", text: "(try: 500)", windowMs: WINDOW_MS, ...LINES }),
    lines(play, node, "kine-sock", {
      unit: "kubelite",
      text: "use of closed network connection",
      windowMs: KINE_SOCK_WINDOW_MS,
      ...KINE_SOCK_LINES,
    }),
  ];
}

async function readyz(play: Play, node: NodeName): Promise<CheckResult> {
  const response = await play.ask(node, { method: "GET", path: "/readyz" }, 10_000);
  const isOk = response?.status === 200;
  return {
    check: "readyz",
    node,
    state: isOk ? "OK" : "CRITICAL",
    text: response === null ? "no answer" : String(response.status),
  };
}

async function watchCache(play: Play, node: NodeName): Promise<CheckResult> {
  const check = "microk8s-watch-cache";
  const name = `watch-cache-canary-${node}`;
  const stamp = String(play.driver.sim.nowMs());
  const body = { metadata: { name, namespace: "kube-system", annotations: { stamp } } };
  const patch = {
    method: "PATCH",
    path: `${CANARY}/${name}`,
    contentType: "application/merge-patch+json",
    body,
  } as const;
  let written = await play.ask(node, patch);
  if (written?.status === 404) {
    const created: Json = { apiVersion: "v1", kind: "ConfigMap", ...body };
    written = await play.ask(node, { method: "POST", path: CANARY, body: created });
  }
  if (written === null || written.status >= 300)
    return { check, node, state: "UNKNOWN", text: "the canary cannot be written" };
  await play.driver.sim.clock.sleep(CANARY_WAIT_MS);
  const read = await play.ask(node, { method: "GET", path: `${CANARY}/${name}`, query: { resourceVersion: "0" } });
  const seen = (read?.body as { metadata?: { annotations?: { stamp?: string } } } | null)?.metadata?.annotations?.stamp;
  if (seen === stamp) return { check, node, state: "OK", text: "canary fresh" };
  return { check, node, state: "CRITICAL", text: read === null ? "no answer" : "canary stale" };
}

async function newestPod(play: Play, node: NodeName): Promise<CheckResult> {
  const check = "microk8s-newest-pod-age";
  const list = await play.ask(node, { method: "GET", path: "/api/v1/pods" });
  if (list === null || list.status !== 200) return { check, node, state: "UNKNOWN", text: "pods cannot be listed" };
  const pods = (list.body as unknown as ListObject<PodObject>).items ?? [];
  const ageMs = newestAgeMs(pods, list.dateMs);
  if (ageMs === null) return { check, node, state: "UNKNOWN", text: "no pods" };
  return {
    check,
    node,
    state: ageMs > NEWEST_POD_MAX_MS ? "CRITICAL" : "OK",
    text: `newest pod ${spanText(ageMs)} old`,
  };
}

interface LineCheck {
  readonly unit: keyof typeof UNITS;
  readonly text: string;
  readonly windowMs: number;
  readonly warning: number;
  readonly critical: number;
}

function lines(
  play: Play,
  node: NodeName,
  check: string,
  { unit, text, windowMs, warning, critical }: LineCheck,
): CheckResult {
  const { host } = play.world.node(node);
  if (!host.isUp) return { check, node, state: "UNKNOWN", text: "no answer" };
  const matches = { _SYSTEMD_UNIT: serviceName(UNITS[unit]) };
  const count = host.journal
    .read({ fromMs: host.clock.nowMs() - windowMs, matches })
    .filter(({ fields }) => (fields["MESSAGE"] ?? "").includes(text)).length;
  const state = count >= critical ? "CRITICAL" : count >= warning ? "WARNING" : "OK";
  return { check, node, state, text: `${count} lines in ${spanText(windowMs)}` };
}
