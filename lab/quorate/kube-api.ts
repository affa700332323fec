import { known, type Reading, unknown } from "../../src/core/model/observed.ts";
import type { KubeApi, KubeRequest, KubeResponse, KubeWatchHandlers } from "../../src/ports/kube-api.ts";
import { messageOf, resourceVersionOf } from "../../src/ports/kube-body.ts";
import type { Sim } from "../sim/sim.ts";
import type { Json } from "../world/datastore/datastore.ts";
import type { ApiRequest, ApiResponse } from "../world/kube/apiserver.ts";
import type { LabNode } from "../world/world.ts";
import type { Life } from "./life.ts";
import type { Reach } from "./reach.ts";

const USER_AGENT = "quorate";

interface Parts {
  readonly sim: Sim;
  readonly life: Life;
  readonly reach: Reach;
  readonly node: LabNode;
  /** Told of each request that is no read, when it leaves. */
  readonly onWrite: (request: KubeRequest) => void;
}

/** The KubeApi port on the emulated apiserver of one node. */
export function createLabKubeApi({ sim, life, reach, node, onWrite }: Parts): KubeApi {
  const { apiserver, host } = node;

  function request(asked: KubeRequest): Promise<Reading<KubeResponse>> {
    const what = `${asked.method} ${asked.path} at ${node.address}:16443`;
    return reach.read(what, asked.deadlineMs, (answer) => {
      if (asked.method !== "GET") onWrite(asked);
      send(asked, what, answer, asked.method === "GET");
    });
  }

  /** A read whose connection broke off unanswered is asked once more, as the HTTP/2 client does it. */
  function send(
    asked: KubeRequest,
    what: string,
    answer: (reading: Reading<KubeResponse>) => void,
    isRepeatable: boolean,
  ): void {
    const startedMs = sim.nowMs();
    apiserver.request(
      life.process,
      apiRequest(asked),
      (response) => answer(readingOf(response, sim.nowMs() - startedMs, what)),
      (why) => {
        if (!host.isUp) return;
        if (why === "connection-refused") return answer(unknown("connection-refused", `${what}: connection refused`));
        if (isRepeatable) return send(asked, what, answer, false);
        answer(unknown("protocol", `${what}: the connection broke off (${why})`));
      },
    );
  }

  function watch(path: string, query: Readonly<Record<string, string>>, handlers: KubeWatchHandlers): () => void {
    const state: { end: (() => void) | null; isOver: boolean } = { end: null, isOver: false };
    const onEnd = (reason: string): void => {
      if (state.isOver) return;
      state.isOver = true;
      sim.settle(() => handlers.onEnd(reason));
    };
    reach.open((failure) => {
      if (failure !== null) return onEnd(failure.detail);
      if (state.isOver) return;
      state.end = apiserver.watch(life.process, path, query, {
        onEvent: (type, object) => sim.settle(() => handlers.onEvent(type, object)),
        onEnd,
      });
    });
    return () => {
      state.isOver = true;
      state.end?.();
    };
  }

  return {
    request,
    watch,
    ping: (deadlineMs) => {
      const startedMs = sim.nowMs();
      return reach.read(`HTTP/2 PING to ${node.name}`, deadlineMs, (answer) =>
        reach.onNode((back) => back(() => answer(known(sim.nowMs() - startedMs)))),
      );
    },
    close: () => undefined,
  };
}

function apiRequest(asked: KubeRequest): ApiRequest {
  const { method, path, query, body, contentType } = asked;
  return {
    method,
    path,
    userAgent: USER_AGENT,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: body as Json }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function readingOf(response: ApiResponse, latencyMs: number, what: string): Reading<KubeResponse> {
  const { status, body, dateMs } = response;
  if (status === 401 || status === 403) return unknown("permission-denied", `${what}: ${status} ${messageOf(body)}`);
  return known({ status, latencyMs, resourceVersion: resourceVersionOf(body), serverDateMs: dateMs, body });
}
