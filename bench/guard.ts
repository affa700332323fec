import { readRecording } from "../src/adapters/recording/reader.ts";
import { guard } from "../src/core/guard/guard.ts";
import { emptySnapshot, fold } from "../src/core/history/fold.ts";
import { climb } from "../src/core/ladder/climb.ts";
import { known } from "../src/core/model/observed.ts";
import { summary } from "./machine.ts";

const ROUNDS = 2000;

/**
 * Time of one decision (climb the ladder, ask every rule) and of folding one observation, on the recorded feed death:
 * pure functions, so the figure is the core's own cost. Returns lines to print.
 */
export function benchGuard(): readonly string[] {
  const { header, observations } = readRecording(new URL("../recordings/feed-death.ndjson", import.meta.url).pathname);
  const foldMs: number[] = [];
  let snapshot = emptySnapshot(header.nodes, header.startedAtMs);
  for (const observation of observations) {
    const startMs = performance.now();
    snapshot = fold(snapshot, observation);
    foldMs.push(performance.now() - startMs);
  }
  const action = { kind: "restart-unit", node: header.nodes[1] ?? "", role: "datastore", unit: "u" } as const;
  const lock = { ...known({ holder: null, token: 1 }), observedAtMs: snapshot.nowMs };
  const decideMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    guard({ snapshot, ladder: climb(snapshot), action, lock, self: { holder: "bench", token: null }, pastActions: [] });
    decideMs.push(performance.now() - startMs);
  }
  return [
    `guard decision (climb three nodes, all rules): ${summary(decideMs, "ms", 3)}`,
    `fold of one observation:                       ${summary(foldMs, "ms", 3)}`,
  ];
}
