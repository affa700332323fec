import { connect } from "node:net";
import type { Socket } from "node:net";
import type { UnknownReason } from "../../core/model/observed.ts";
import type { ConnectTarget } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import { reasonOfCode } from "../net/error-codes.ts";

/** `unix:/run/x.sock` or `127.0.0.1:19001`: how messages name a target. */
export function describeTarget(target: ConnectTarget): string {
  if (target.kind === "unix") return `unix:${target.path}`;
  return target.host.includes(":") ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

/** Turns a system error code of connect(2) into an expected failure; `what` names the node and the target. */
export function connectFailure(code: string, what: string): TapError {
  const reason = reasonOfCode(code) ?? "server-error";
  const words: Partial<Record<UnknownReason, string>> = {
    "connection-refused": "connection refused: nobody listens there",
    "not-found": "there is no such socket",
    "permission-denied": "permission denied",
    unreachable: `cannot be reached (${code})`,
  };
  return new TapError(reason, `${what}: ${words[reason] ?? `connect failed (${code})`}`);
}

/** Connects from this machine. Throws TapError; the socket is the caller's to destroy. */
export async function connectSocket(target: ConnectTarget, deadlineMs: number, what: string): Promise<Socket> {
  // A path with a colon (kine.sock:12379) is a path like any other for net.connect({ path }).
  const socket = connect(target.kind === "unix" ? { path: target.path } : { host: target.host, port: target.port });
  const end = Promise.withResolvers<Socket>();
  const timer = setTimeout(
    () => end.reject(new TapError("deadline", `${what}: no connection within ${Math.round(deadlineMs)} ms`)),
    deadlineMs,
  );
  socket.once("connect", () => end.resolve(socket));
  socket.once("error", (error: NodeJS.ErrnoException) => end.reject(connectFailure(error.code ?? "", what)));
  try {
    return await end.promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    // Later errors belong to the caller's own listeners; without any, they must not end the process.
    socket.on("error", () => {});
  }
}
