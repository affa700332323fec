import type { FaultPlan } from "../../faults/fault.ts";
import { faultById } from "../../faults/registry.ts";
import { spanText } from "../../scenarios/print.ts";
import type { Cluster } from "../cluster.ts";

/** No fault of the demonstration is about the simulated Quorate. */
const NO_QUORATE = { place: "ops", kill: () => undefined, pause: () => undefined, resume: () => undefined };

/** A fault begins now and ends after its time; both are told. What is not said is drawn. The returned function ends it before. */
export function startFault(cluster: Cluster, asked: Omit<FaultPlan, "atMs">, text: string): () => void {
  const { world, driver } = cluster;
  const fault = faultById(asked.fault);
  if (fault === null) throw new Error(`no fault ${asked.fault}`);
  const drawn = fault.draw(driver.sim.random("demonstration"), { spec: world.spec, fromMs: 0, untilMs: 0 });
  const plan = { ...asked, parameters: { ...drawn.parameters, ...asked.parameters } };
  const lasts = plan.durationMs === 0 ? "" : ` (for ${spanText(plan.durationMs)})`;
  cluster.tell({ kind: "injected", text: `${text}${lasts}` });
  const undo = fault.start(world, NO_QUORATE, { ...plan, atMs: 0 });
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    undo();
    if (plan.durationMs > 0) cluster.tell({ kind: "injected", text: `over: ${text}` });
  };
  if (plan.durationMs > 0) driver.sim.after(plan.durationMs, end);
  return end;
}
