import type { Duplex } from "node:stream";
import type { Process } from "../world/process.ts";
import type { World } from "../world/world.ts";
import { listenerOf, type Service, type Services } from "./service.ts";
import type { RealTime } from "./time/real-time.ts";
import { PipeEnd } from "./wire/pipe.ts";
import type { Wiring } from "./wire/wire.ts";

/** How the kernel ends a connect that nobody answers (tcp_syn_retries 6), and one to an address that nobody has. */
const SYN_TIMEOUT_MS = 127_000;
const NO_ROUTE_MS = 3000;

export type Target =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export interface Dialer {
  readonly world: World;
  readonly time: RealTime;
  readonly wiring: Wiring;
  readonly services: Services;
}

export interface DialHandlers {
  readonly connected: (stream: Duplex) => void;
  /** strerror's words. */
  readonly refused: (why: string) => void;
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);

/** connect(2) by a process on a node, in the world's time. Calls one of the handlers, unless the process ends before. */
export function dial(dialer: Dialer, from: Process, target: Target, { connected, refused }: DialHandlers): void {
  const { world, services } = dialer;
  if (target.kind === "unix") {
    const service = services.unix(from.node, target.path);
    if (service === null) return void from.after(0, () => refused("No such file or directory"));
    return reach(dialer, from, service, { connected, refused });
  }
  const address = LOOPBACK.has(target.host) ? world.node(from.node).address : target.host;
  const service = services.tcp(address, target.port);
  if (service !== null) return reach(dialer, from, service, { connected, refused });
  const isHost = world.nodes.some((node) => node.address === address);
  from.after(isHost ? 1 : NO_ROUTE_MS, () => refused(isHost ? "Connection refused" : "No route to host"));
}

/** The kernel answers for its listeners, also while they are paused; a way that is cut swallows the question. */
function reach(
  { world, wiring, time }: Dialer,
  from: Process,
  service: Service,
  { connected, refused }: DialHandlers,
): void {
  let isOver = false;
  const once = (run: () => void): void => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    run();
  };
  const timer = from.after(SYN_TIMEOUT_MS, () => once(() => refused("Connection timed out")));
  world.network.send(from.node, service.node, () => {
    const server = listenerOf(service);
    world.network.send(service.node, from.node, () =>
      from.deliver(() =>
        once(() => {
          if (server === null || server.state === "ended") return refused("Connection refused");
          const [near, far] = PipeEnd.pair();
          accept({ world, wiring, time }, far, from, server, service);
          connected(near);
        }),
      ),
    );
  });
}

/** Gives a client's end to the service that has accepted it. */
export function accept(
  { world, wiring }: Pick<Dialer, "world" | "wiring" | "time">,
  stream: Duplex,
  from: Process,
  server: Process,
  service: Service,
): void {
  const { host } = world.node(service.node);
  const end = wiring.lay(stream, { from, to: server, canReset: () => host.isUp });
  service.serve(end, server);
}
