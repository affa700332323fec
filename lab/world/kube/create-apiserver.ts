import type { Sim } from "../../sim/sim.ts";
import type { Datastore } from "../datastore/datastore.ts";
import type { Host } from "../host/host.ts";
import type { Network, Port } from "../network.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { ApiServer } from "./apiserver.ts";
import { type Instance, startInstance } from "./instance.ts";
import { createPipes } from "./watch-pipe.ts";

export interface ApiServerOptions {
  readonly sim: Sim;
  readonly network: Network;
  readonly host: Host;
  readonly datastore: Datastore;
  readonly release: Release;
}

/** The kube-apiserver of one node. `boot` begins a new life of it in the kubelite process that is given. */
export function createApiServer({ sim, network, host, datastore, release }: ApiServerOptions): ApiServer {
  const node = host.name;
  const port: Port = { node, listener: null };
  const pipes = createPipes(network, node);
  const identity = `apiserver-${sim.random(`apiserver ${node}`).hex(26)}`;
  let instance: Instance | null = null;

  function boot(process: Process): void {
    const started = startInstance({ sim, host, datastore, release, process, identity, onListening });
    instance = started;
    function onListening(): void {
      port.listener = process;
    }
    process.onEnd(() => {
      if (port.listener === process) port.listener = null;
      if (instance === started) instance = null;
      started.ended();
    });
  }

  return {
    node,
    port,
    boot,
    request: (client, request, answered, refused) => {
      network.call({
        from: client,
        to: port,
        serve: (answer) =>
          instance?.serve(request, ({ status, body }) =>
            answer({ status, body, dateMs: Math.floor(host.clock.nowMs() / 1000) * 1000 }),
          ),
        answered,
        refused,
      });
    },
    watch: (client, path, query, handlers) => {
      let isClosed = false;
      let close: (() => void) | null = null;
      const forget = client.onEnd(() => stop());
      const onEnd = (reason: string) => {
        forget();
        isClosed = true;
        handlers.onEnd(reason);
      };
      const stop = () => {
        if (isClosed) return;
        isClosed = true;
        forget();
        close?.();
      };
      network.call<null>({
        from: client,
        to: port,
        serve: (answer) => {
          answer(null);
          if (isClosed || instance === null) return;
          const pipe = pipes.open(client);
          const order = { path, query, pipe, handlers: { onEvent: handlers.onEvent, onEnd }, isClosed: () => isClosed };
          close = instance.watch(order);
        },
        answered: () => undefined,
        refused: (why) => (isClosed ? undefined : onEnd(why)),
      });
      return stop;
    },
    cacheRevisions: () => instance?.cacheRevisions() ?? new Map(),
  };
}
