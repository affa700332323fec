import { type RungId, RUNG_IDS } from "../../src/core/model/verdict.ts";
import { startLab } from "../serve/lab.ts";
import { LabError, pathsIn } from "../serve/state/directory.ts";
import type { Drill } from "./drill.ts";
import type { DrillRecord, Said } from "./record.ts";
import { type Session, startSession } from "./session.ts";

export interface StartOptions {
  readonly drill: Drill;
  /** Its name, which gives much away, is not told. */
  readonly isSurprise?: boolean;
  readonly directory: string;
  /** Simulated seconds per second. */
  readonly speed: number;
  /** Drawn when absent. */
  readonly seed?: number;
  /** Told when it serves. */
  readonly ready: (text: string) => void;
  /** Ctrl-C ends it, and what was done until then is scored. */
  readonly signal: AbortSignal;
}

const NODES = 3;

/** Plays a drill on a lab behind real sockets, until it ends; what happened in it. Throws LabError. */
export async function playDrill(options: StartOptions): Promise<DrillRecord> {
  const { drill, directory, speed, seed, ready, signal } = options;
  const end = Promise.withResolvers<DrillRecord>();
  let session: Session | null = null;
  const started = (): Session => {
    if (session === null) throw new LabError("the drill has not begun yet");
    return session;
  };
  const lab = await startLab({
    directory,
    nodes: NODES,
    release: "1.35",
    workload: drill.workload,
    speed,
    ...(seed === undefined ? {} : { seed }),
    acts: {
      "POST /drill/say": (body) =>
        started().say(parseSaid(body, (name) => lab.world.nodes.some((one) => one.name === name))),
      "POST /drill/done": () => {
        started().done();
        return { ok: true };
      },
    },
    onDown: () => session?.done(),
    onFailure: (error) => end.reject(error instanceof Error ? error : new Error(String(error))),
  });
  try {
    lab.time.enter(() => {
      session = startSession(lab.world, drill, lab.world.sim.random("drill"), end.resolve);
    });
    const stop = (): void => lab.time.enter(() => session?.done());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    ready(greeting(options.isSurprise === true ? "DRILL" : `DRILL ${drill.id}`, drill, directory, lab.seed));
    return await end.promise;
  } finally {
    lab.close();
  }
}

/** What came through the socket as what a person says. Throws LabError. */
export function parseSaid(body: unknown, isNode: (name: string) => boolean): Omit<Said, "atMs"> {
  const { rung, node = null } = (body ?? {}) as { readonly rung?: unknown; readonly node?: unknown };
  if (rung === "ok") {
    if (node !== null) throw new LabError("ok is said of the whole cluster, without a node");
    return { rung, node: null };
  }
  if (!RUNG_IDS.includes(rung as RungId)) {
    throw new LabError(`there is no rung "${String(rung)}"; say ok, or one of: ${RUNG_IDS.join(", ")}`);
  }
  if (typeof node !== "string" || !isNode(node)) throw new LabError("which node? quorate drill say RUNG NODE");
  return { rung: rung as RungId, node };
}

function greeting(name: string, drill: Drill, directory: string, seed: number): string {
  const paths = pathsIn(directory);
  return `${name}, seed ${seed}: ${drill.briefing}

In another terminal:
  export KUBECONFIG=${paths.kubeconfig}
  kubectl get nodes
  quorate doctor --config ${paths.config}
  ssh -F ${paths.sshConfig} k8s01 journalctl -u snap.microk8s.daemon-k8s-dqlite -n 20
Say what you find as soon as you know it (rungs: ${RUNG_IDS.join(", ")}; or ok), and do what is right:
  quorate drill say RUNG NODE
  quorate drill done                       when there is nothing left to do

It may take a moment until something happens. You are scored by time, rung, cure and harm.
`;
}
