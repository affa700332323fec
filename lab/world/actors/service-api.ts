import type { NodeName } from "../../../src/core/model/observation.ts";
import type { Prng } from "../../sim/prng.ts";
import type { ApiServer } from "../kube/apiserver.ts";
import type { World } from "../world.ts";

/** client-go drops a connection on which nothing came for 30 s and the ping behind it got no answer for 15 s. */
const DEAD_CONNECTION_MS = 45_000;

/**
 * The apiserver as a pod reaches it: through the address of the Service `kubernetes`. kube-proxy sends a new connection to
 * one of the nodes; it stays with that one until it breaks.
 */
export function createServiceApi(world: World, node: NodeName, draws: Prng): ApiServer {
  let current = draws.pick(world.nodes).apiserver;
  /** Requests without an answer, by the instant they were sent at; the oldest first. */
  const open = new Map<number, number>();
  let sent = 0;

  const reconnect = () => {
    open.clear();
    const others = world.nodes.filter(({ apiserver }) => apiserver !== current);
    current = others.length === 0 ? current : draws.pick(others).apiserver;
  };

  return {
    node,
    get port() {
      return current.port;
    },
    boot: () => {
      throw new Error("a Service is not started");
    },
    request: (client, request, answered, refused) => {
      const [oldestMs] = open.values();
      if (oldestMs !== undefined && world.sim.nowMs() - oldestMs > DEAD_CONNECTION_MS) reconnect();
      const id = (sent += 1);
      open.set(id, world.sim.nowMs());
      current.request(
        client,
        request,
        (response) => {
          open.delete(id);
          answered(response);
        },
        (why) => {
          reconnect();
          refused(why);
        },
      );
    },
    watch: (client, path, query, { onEvent, onEnd }) =>
      current.watch(client, path, query, {
        onEvent,
        onEnd: (reason) => {
          if (current.port.listener === null) reconnect();
          onEnd(reason);
        },
      }),
    cacheRevisions: () => current.cacheRevisions(),
  };
}
