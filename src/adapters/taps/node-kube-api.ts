import type { Reading } from "../../core/model/observed.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KubeApi, KubeRequest, KubeResponse } from "../../ports/kube-api.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { createKubeApi } from "../kube/client.ts";
import { loadKubeconfig } from "../kube/kubeconfig-load.ts";

/** Reading the node's kubeconfig and connecting to its apiserver, each. */
const CONNECT_DEADLINE_MS = 4000;

/** A kubeconfig that could not be read, or whose credentials are refused, is read anew after this: both get repaired. */
const RETRY_AFTER_MS = 3000;

/** A refusal that a new kubeconfig may end: another CA, a renewed certificate or token. A 403 is about rights. */
function areStale(answer: Extract<Reading<KubeResponse>, { known: false }>): boolean {
  return answer.reason === "tls" || (answer.reason === "permission-denied" && answer.detail.includes(": 401 "));
}

interface Options {
  readonly access: NodeAccess;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly context?: string;
}

/** A client with when it was made and how many requests are under way on it. */
interface Made {
  readonly api: Promise<Reading<KubeApi>>;
  readonly atMs: number;
  underWay: number;
}

/**
 * The node's own apiserver, with the node's own admin kubeconfig (read there, kept in memory only). Made at first use;
 * what fails is told by each request until it works.
 */
export function createNodeKubeApi({ access, profile, clock, context }: Options): KubeApi {
  let made: Made | null = null;
  let closed = false;

  async function make(): Promise<KubeApi> {
    const choice = { file: profile.kubeconfigPath, ...(context === undefined ? {} : { context }) };
    const { server, credentials } = await loadKubeconfig(choice, (path) => readNodeFile(access, path));
    const target = {
      kind: "tcp" as const,
      host: server.hostname.replaceAll(/[[\]]/g, ""),
      port: Number(server.port || 443),
    };
    return createKubeApi({ server, credentials, connect: () => access.connect(target, CONNECT_DEADLINE_MS), clock });
  }

  async function current(): Promise<Made> {
    const last = made === null ? null : await made.api;
    if (made === null || (isDue() && last?.known !== true))
      made = { api: toReading(make()), atMs: clock.monotonicMs(), underWay: 0 };
    return made;
  }

  async function api(): Promise<Reading<KubeApi>> {
    return (await current()).api;
  }

  function isDue(): boolean {
    return clock.monotonicMs() - (made?.atMs ?? 0) > RETRY_AFTER_MS;
  }

  /**
   * The client is made anew by the next request when its credentials are refused. The old one is closed by the last
   * request on it: each is told its own refusal, not that this side hung up.
   */
  async function request(asked: KubeRequest): Promise<Reading<KubeResponse>> {
    const used = await current();
    used.underWay += 1;
    const reading = await used.api;
    const answer = reading.known ? await reading.value.request(asked) : reading;
    used.underWay -= 1;
    if (!answer.known && areStale(answer) && used === made && isDue() && !closed) made = null;
    if (reading.known && used !== made && used.underWay === 0) reading.value.close();
    return answer;
  }

  return {
    request,
    watch: (path, query, handlers) => {
      let end: (() => void) | null = null;
      let ended = false;
      void api().then((reading) => {
        if (!reading.known) handlers.onEnd(reading.detail);
        else if (!ended) end = reading.value.watch(path, query, handlers);
      });
      return () => {
        ended = true;
        end?.();
      };
    },
    ping: async (deadlineMs) => {
      const reading = await api();
      return reading.known ? reading.value.ping(deadlineMs) : reading;
    },
    close: () => {
      if (closed) return;
      closed = true;
      void made?.api.then((reading) => reading.known && reading.value.close());
    },
  };
}

async function readNodeFile(access: NodeAccess, path: string): Promise<Buffer> {
  const file = await access.readFile(path, { deadlineMs: CONNECT_DEADLINE_MS });
  if (!file.known) throw new TapError(file.reason, file.detail);
  return file.value;
}
