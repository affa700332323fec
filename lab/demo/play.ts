import type { DemoEvent } from "./event.ts";
import type { Scene } from "./scene.ts";
import { createStage } from "./stage.ts";

export interface PlayOptions {
  readonly scene: Scene;
  readonly seed: number;
  /** Told of each event, in the order of its time. */
  readonly tell: (event: DemoEvent) => void;
  readonly signal: AbortSignal;
}

/** Plays a scene. Throws Interrupted when the signal aborts. */
export async function playScene({ scene, seed, tell, signal }: PlayOptions): Promise<void> {
  let lastMs = 0;
  const stage = createStage((event) => {
    lastMs = event.atMs;
    tell(event);
  }, signal);
  const rows = await scene.play({
    stage,
    seed,
    begin: ({ world, driver }) => {
      const { nodes, release, spec } = world;
      const cluster = `${nodes.length} nodes of ${release.title}, workload ${spec.workload}`;
      const { id: scenario, title, script } = scene;
      tell({ kind: "title", atMs: driver.sim.nowMs(), scenario, title, cluster, seed, script });
    },
  });
  tell({ kind: "summary", atMs: lastMs, rows });
}
