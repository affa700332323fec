/**
 * Three values, never two: what was read is known-good or known-bad by its value, and what could not be read is
 * `known: false` with a reason. Unknown refuses in the guard and is never healthy.
 */

/** Why a tap could not read. The words are stable: they appear in `-o json` and in recordings. */
export type UnknownReason =
  /** Nothing was read yet: the tap needs more time. */
  | "not-read-yet"
  /** The deadline passed without an answer. A frozen process accepts a connection and never answers. */
  | "deadline"
  /** The network or host could not be reached (no route, ssh failed, name not found). */
  | "unreachable"
  /** The host answered and refused the connection: nobody listens there. This is knowledge about the service. */
  | "connection-refused"
  /** The socket or file does not exist on the node. */
  | "not-found"
  /** We may not read it (file mode, sudo, RBAC, expired token). */
  | "permission-denied"
  /** TLS failed: wrong CA, wrong name, wrong client certificate. */
  | "tls"
  /** The other side speaks something else, or broke off in the middle. */
  | "protocol"
  /** The other side answered with an error of its own. */
  | "server-error"
  /** This source does not exist here by design (for example metrics that are switched off). */
  | "not-configured";

/** A tap's answer without the time: the value, or the reason why there is none, with one line for people. */
export type Reading<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: UnknownReason; readonly detail: string };

/** A reading with the instant it was taken at, in ms since the epoch on the observer's clock. */
export type Observed<T> = Reading<T> & { readonly observedAtMs: number };

const SERVICE_FAILURES: readonly UnknownReason[] = ["deadline", "server-error", "connection-refused", "not-found"];

/** Whether a failure says something about what was asked; the others only say that we could not look. */
export function isServiceFailure(reason: UnknownReason): boolean {
  return SERVICE_FAILURES.includes(reason);
}

/** A known reading. */
export function known<T>(value: T): Reading<T> {
  return { known: true, value };
}

/** An unknown reading. `detail` is one line for people; it never holds a secret. */
export function unknown(reason: UnknownReason, detail: string): Reading<never> {
  return { known: false, reason, detail };
}
