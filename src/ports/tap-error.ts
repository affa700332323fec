import type { Reading, UnknownReason } from "../core/model/observed.ts";
import { known, unknown } from "../core/model/observed.ts";

/** An expected failure of a tap: it becomes `known: false` with this reason. Anything else that is thrown is a bug. */
export class TapError extends Error {
  readonly reason: UnknownReason;

  /** `message` is one line for an operator: what was asked, of whom, what came back. Never a secret. */
  constructor(reason: UnknownReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TapError";
    this.reason = reason;
  }
}

/** Awaits a tap and turns its expected failures into an unknown reading; other errors pass through. */
export async function toReading<T>(promise: Promise<T>): Promise<Reading<T>> {
  try {
    return known(await promise);
  } catch (error) {
    if (error instanceof TapError) return unknown(error.reason, error.message);
    throw error;
  }
}
