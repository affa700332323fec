import type { Timer } from "../../sim/sim.ts";
import { drawNode, drawSeconds, nodeOf, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";

const SECOND_MS = 1000;

/** What dqlite, the apiserver and the controllers print when something is really wrong, verbatim. */
export const FORGED_LINES = [
  'time="2026-06-24T16:05:12Z" level=error msg="error in txn: update transaction failed for key /registry/leases/kube-system/kube-scheduler: exec (try: 500): database is locked"',
  'time="2026-06-24T16:16:24Z" level=warning msg="[go-dqlite] attempt 18: server 172.22.22.6:19001: no known leader"',
  'time="2026-06-24T16:16:26Z" level=error msg="error while range on /registry/health : query (try: 0): context deadline exceeded"',
  'E0624 20:04:11.000000 6065 leaderelection.go:332] "leaderelection lost"',
] as const;

/** A pod prints lines as dqlite would: whoever believes the text and not journald's own fields is fooled. */
export const forgedLogLines: Fault = {
  id: "forged-log-lines",
  title: "a pod prints dqlite's lines",
  breaks: null,
  leaves: "nothing",
  suits: () => true,
  draw: (random, frame) =>
    planOf("forged-log-lines", random, frame, {
      nodes: [drawNode(random, frame.spec)],
      durationMs: drawSeconds(random, 10, 300),
      parameters: { perSecond: random.between(1, 10) },
    }),
  start: (world, _quorate, plan) => {
    const { host } = world.node(nodeOf(plan));
    const everyMs = Math.round(SECOND_MS / numberOf(plan, "perSecond"));
    let printed = 0;
    let timer: Timer;
    const print = (): void => {
      if (host.isUp) host.journal.printAsPod("forger", FORGED_LINES[printed % FORGED_LINES.length] as string);
      printed += 1;
      timer = world.sim.after(everyMs, print);
    };
    print();
    return () => timer.cancel();
  },
};
