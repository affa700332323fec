import type { RungState } from "../core/model/verdict.ts";

/** A mistake in flags, configuration or set-up: one line, this code, nothing was done (sysexits EX_USAGE). */
export const EXIT_USAGE = 64;

/** Ended by Ctrl-C (128 + SIGINT). */
export const EXIT_INTERRUPTED = 130;

/** doctor and leaders. */
export const EXIT_BY_STATE: Readonly<Record<RungState, number>> = { ok: 0, degraded: 1, broken: 2, unknown: 3 };

/** recover. */
export const EXIT_RECOVER = {
  /** Cured and proven, or nothing was broken. */
  cured: 0,
  /** The guard, the lock or the person said no: nothing was done. */
  refused: 1,
  /** A person is needed: the rung is not one that Quorate cures, or it is still broken after the remedies. */
  escalated: 2,
  /** Not known: a rung could not be read, or whether an act happened. Run it again. */
  unknown: 3,
} as const;

/** An error that is told in one line. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_USAGE, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
