import type { Timer } from "../../sim/sim.ts";
import type { Json } from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { ApiRequest, ApiServer } from "./apiserver.ts";

/** How a request ended for a client with a deadline: any status is an answer. */
export type ApiResult =
  | { readonly answered: true; readonly status: number; readonly body: Json }
  | { readonly answered: false; readonly why: string };

/** client-go's words for a request that ran out of time. */
export const DEADLINE_EXCEEDED = "context deadline exceeded";

/** A request that ends for certain, once: with an answer, refused, or `context deadline exceeded` after `deadlineMs`. */
export function callApi(
  client: Process,
  apiserver: ApiServer,
  request: ApiRequest,
  deadlineMs: number,
  done: (result: ApiResult) => void,
): void {
  let isOver = false;
  let timer: Timer | null = null;
  const finish = (result: ApiResult) => {
    if (isOver) return;
    isOver = true;
    timer?.cancel();
    done(result);
  };
  timer = client.after(deadlineMs, () => finish({ answered: false, why: DEADLINE_EXCEEDED }));
  apiserver.request(
    client,
    request,
    ({ status, body }) => finish({ answered: true, status, body }),
    (why) => finish({ answered: false, why }),
  );
}
