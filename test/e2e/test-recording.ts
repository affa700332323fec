import { startObserver } from "../../src/app/observer.ts";
import { createTestWorld, type TestWorld } from "../../src/app/test-world.ts";
import { recordingLine } from "../../src/core/recording/recording.ts";

/** A recording of the emulated cluster, `seconds` long; `spoil` breaks it before the recording begins. */
export async function recordWorld(spoil: (world: TestWorld) => void, seconds = 12): Promise<string> {
  const world = createTestWorld();
  spoil(world);
  await world.clock.pass(5000);
  const header = {
    format: "quorate-recording",
    version: 1,
    quorate: "0.1.0",
    profile: "microk8s",
    startedAtMs: world.clock.nowMs(),
    nodes: world.nodes.map(({ name }) => name),
  } as const;
  const lines = [recordingLine(header)];
  const observer = startObserver(world.taps, world.clock, (one) => lines.push(recordingLine(one)));
  await world.clock.pass(seconds * 1000);
  await world.clock.drive(observer.stop());
  return lines.join("");
}
