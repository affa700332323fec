import type { Cluster } from "./cluster.ts";
import type { SummaryRow } from "./event.ts";
import type { Stage } from "./stage.ts";

/** What a scene plays with. */
export interface SceneSetup {
  readonly stage: Stage;
  readonly seed: number;
  /** To be called once, with the first cluster: the title is told then. */
  readonly begin: (cluster: Cluster) => void;
}

/** One story of the demonstration. It scripts what goes wrong and when, and what people do; nothing else. */
export interface Scene {
  readonly id: string;
  readonly title: string;
  /** What is scripted, for the reader. */
  readonly script: readonly string[];
  /** The rows of the comparison. */
  readonly play: (setup: SceneSetup) => Promise<readonly SummaryRow[]>;
}
