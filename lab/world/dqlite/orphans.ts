import type { ConnectorParts, Session } from "./connector.ts";
import { isLinked, isRunning } from "./members.ts";
import type { Request } from "./request.ts";

/** Statements on connections that their node uses no more, with the other end standing still: before go-dqlite 3. */
export interface Orphans {
  adopt(request: Request, on: Session): void;
  drop(request: Request): void;
  /** Something changed about who runs or who reaches whom. */
  look(): void;
}

/** Linux gives up on a dead connection after 15 to 20 min (canonical/microk8s issue 4596). */
const TCP_TIMEOUT_MS = { min: 900_000, max: 1_200_000 } as const;

export function createOrphans(
  { sim, network, member, process }: ConnectorParts,
  tryAgain: (request: Request) => void,
): Orphans {
  const random = sim.random(`dqlite orphans ${member.node}`);
  const checks = new Map<Request, () => void>();

  function adopt(request: Request, { to, life }: Session): void {
    const over = (): void => {
      if (!checks.delete(request)) return;
      timer.cancel();
      request.sending += 1;
      tryAgain(request);
    };
    const timer = process.after(random.between(TCP_TIMEOUT_MS.min, TCP_TIMEOUT_MS.max), over);
    checks.set(request, () => {
      // Its end closes the connection; going on, it says that it does not lead.
      const isReached = to === member || isLinked(network, to, member);
      if (isReached && (to.process !== life || isRunning(to))) over();
    });
  }

  return {
    adopt,
    drop: (request) => checks.delete(request),
    look: () => {
      for (const check of checks.values()) check();
    },
  };
}
