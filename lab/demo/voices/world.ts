import type { LogLine } from "../../sim/sim.ts";
import { UNITS, type World } from "../../world/world.ts";

/** Lines of the world's log that say nothing to somebody who watches an incident. */
const SILENT = [
  /^"Too few replicas"/,
  / stopping by /,
  / by story$/,
  /: watch cache filled anew$/,
  /microk8s\.io-hostpath/,
  // What follows is the same unit's end and start, which are told.
  /^kube-apiserver never became ready/,
] as const;

/** Whether a line of the world's log is told. */
export function isTold({ text }: LogLine): boolean {
  return !SILENT.some((pattern) => pattern.test(text));
}

/** What is really broken, since when and until when: the truth that both monitorings are measured against. */
export interface Break {
  readonly what: "no-leader" | "feed-dead" | "stream-mute";
  /** The node, or null when it is the cluster. */
  readonly node: string | null;
  readonly fromMs: number;
  /** Null: it lasts. */
  toMs: number | null;
}

/** A leader that is handed over is missing for some ms; this much is an outage. */
export const OUTAGE_MS = 1000;

/** How often what nobody tells is looked at. */
const LOOK_EVERY_MS = 100;

/** Follows what is really broken, from now on. */
export function watchBreaks(
  world: World,
  onMute: (node: string, prefixes: readonly string[]) => void,
): readonly Break[] {
  const { sim, dqlite, nodes } = world;
  const breaks: Break[] = [];
  const set = (what: Break["what"], node: string | null, isBroken: boolean): boolean => {
    const open = breaks.find((one) => one.what === what && one.node === node && one.toMs === null);
    if (isBroken === (open !== undefined)) return false;
    if (open === undefined) breaks.push({ what, node, fromMs: sim.nowMs(), toMs: null });
    else open.toMs = sim.nowMs();
    return true;
  };
  dqlite.onLeader((leader) => set("no-leader", null, leader === null));
  const look = (): void => {
    for (const { name, host, datastore } of nodes) {
      const serves = datastore.port.listener !== null;
      set("feed-dead", name, serves && !datastore.isPollAlive());
      // While its reader stands still a stream is not missed.
      const isRead = host.systemd.process(UNITS.kubelite)?.state === "running";
      const muted = serves && isRead ? datastore.mutedPrefixes() : [];
      if (set("stream-mute", name, muted.length > 0)) onMute(name, muted);
    }
    sim.after(LOOK_EVERY_MS, look);
  };
  look();
  return breaks;
}
