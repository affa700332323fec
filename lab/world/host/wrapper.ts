import type { Process } from "../process.ts";
import type { Program, UnitSpec } from "./host.ts";

/** What the wrapper runs in, and where it leaves the program that it became. */
export interface WrapperRun {
  readonly process: Process;
  program: ReturnType<Program> | null;
}

type Print = (from: { readonly unit: string; readonly identifier: string; readonly pid: number }, line: string) => void;

/**
 * The shell script between systemd and the program. It runs with `set -ex`, so its journal shows `+ sleep 6` and
 * `+ exec …`: MicroK8s' run-k8s-dqlite-with-args and run-kubelite-with-args.
 */
export function runWrapper(spec: UnitSpec, { print }: { readonly print: Print }, run: WrapperRun): void {
  const { process } = run;
  const trace = (line: string) => print({ unit: spec.unit, identifier: spec.identifier, pid: process.pid }, line);
  const why = spec.whyNotRun?.() ?? null;
  if (why !== null) {
    process.after(0, () => {
      trace(why);
      process.end({ code: "exited", status: 0 });
    });
    return;
  }
  if (spec.wrapperSleepMs > 0) process.after(0, () => trace(`+ sleep ${spec.wrapperSleepMs / 1000}`));
  process.after(spec.wrapperSleepMs, () => {
    if (spec.command !== undefined) trace(`+ exec ${spec.command}`);
    run.program = spec.program(process);
  });
}
