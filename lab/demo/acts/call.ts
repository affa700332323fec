import { type Call, callQuorate } from "../../quorate/call.ts";
import type { Cluster } from "../cluster.ts";
import type { Stage } from "../stage.ts";

export interface ActOptions<T> {
  /** In whose name. */
  readonly by: string;
  /** Its progress, line by line. */
  readonly say: (line: string) => void;
  readonly run: (call: Call) => Promise<T>;
  readonly atMostMs: number;
}

/** One call of a Quorate command on the stage. */
export function actByQuorate<T>(stage: Stage, cluster: Cluster, { atMostMs, ...call }: ActOptions<T>): Promise<T> {
  const { world, runStore } = cluster;
  return callQuorate({ world, runStore, ...call, drive: (answer) => stage.drive(cluster, answer, atMostMs) });
}
