// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";

/**
 * Runs a command whose clock is wrong by some seconds. The nodes share the kernel's clock, so skewing one of them is
 * impossible; skewing the observer is the same thing seen from the other side.
 */
export function skewedArgv(offsetSeconds: number, argv: readonly string[]): string[] {
  if (!existsSync("/usr/bin/faketime")) throw new Error("faketime is not installed (Debian package faketime)");
  const offset = `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}s`;
  // Timers must keep running at their pace: only the wall clock is wrong.
  return ["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "/usr/bin/faketime", "-f", offset, ...argv];
}
