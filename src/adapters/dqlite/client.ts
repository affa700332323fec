import type { Duplex } from "node:stream";
import type { DqliteMember } from "../../core/model/observation.ts";
import type { Reading } from "../../core/model/observed.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import type { Deadline } from "../net/deadline.ts";
import { deadlineIn } from "../net/deadline.ts";
import { errorCode } from "../net/error-codes.ts";
import { DqliteConnection } from "./connection.ts";
import type { Response, Server } from "./responses.ts";
import { streamError } from "./stream-error.ts";
import type { ClusterCertificate } from "./tls.ts";
import { startTls } from "./tls.ts";
import type { Request } from "./wire.ts";

export interface MemberTarget {
  /** Opens the byte stream; may reject with a TapError or a system error (`ECONNREFUSED`). */
  readonly connect: () => Promise<Duplex>;
  /** Mutual TLS when given, plain otherwise. */
  readonly tls?: ClusterCertificate;
  /** Who is asked, for messages and for the result; it is not dialled. */
  readonly address: string;
  /** For everything: connecting, TLS and all requests. */
  readonly deadlineMs: number;
  /** For each request; default: what is left of `deadlineMs`. */
  readonly requestDeadlineMs?: number;
}

/**
 * Asks one member whom it names as leader and which servers it lists, on one connection. Never throws. Without an
 * answer: `connection-refused`, `unreachable`, `deadline`, `tls`, `protocol` (something else, or broke off midway),
 * `server-error` (a Failure answer).
 */
export function askMember(target: MemberTarget): Promise<Reading<DqliteMember>> {
  return toReading(readMember(target));
}

async function readMember(target: MemberTarget): Promise<DqliteMember> {
  const client = await openMember(target);
  try {
    const leader = await client.leader();
    const servers = await client.servers();
    return {
      address: target.address,
      leader: leader && { id: String(leader.id), address: leader.address },
      servers: servers.map(({ id, address, role }) => ({ id: String(id), address, role })),
    };
  } finally {
    client.close();
  }
}

/** Connects, with TLS when asked for. Rejects with a TapError; the caller closes the client. */
export async function openMember(target: MemberTarget): Promise<DqliteClient> {
  const deadline = deadlineIn(target.deadlineMs);
  const stream = await openStream(target, deadline);
  // At least 1 ms: a timer of 0 would only hide the same deadline one tick later.
  const deadlineMs = Math.max(1, Math.ceil(deadline.leftMs()));
  const requestDeadlineMs = target.requestDeadlineMs ?? deadlineMs;
  return new DqliteClient(new DqliteConnection(stream, { peer: target.address, deadlineMs, requestDeadlineMs }));
}

async function openStream({ connect, tls, address }: MemberTarget, deadline: Deadline): Promise<Duplex> {
  const plain = await deadline.hold(mapErrors(connect, address), `${address}: connecting`, disposeLate);
  if (tls === undefined) return plain;
  try {
    return await deadline.hold(startTls(plain, tls, address), `${address}: TLS handshake`, disposeLate);
  } catch (error) {
    disposeLate(plain);
    throw error;
  }
}

function disposeLate(stream: Duplex): void {
  stream.on("error", () => undefined).destroy();
}

/** System errors of `connect` become TapErrors; anything without a code is a bug and stays what it is. */
async function mapErrors(connect: MemberTarget["connect"], address: string): Promise<Duplex> {
  try {
    return await connect();
  } catch (error) {
    throw errorCode(error) === "" ? error : streamError(error, address, "connecting");
  }
}

/** The read-only requests, one at a time. Every method rejects with a TapError. */
export class DqliteClient {
  readonly #connection: DqliteConnection;

  constructor(connection: DqliteConnection) {
    this.#connection = connection;
  }

  /** Whom this member believes to be leader. A stand-by or spare always says null, and so does a voter without one. */
  async leader(): Promise<{ readonly id: bigint; readonly address: string } | null> {
    const { id, address } = await this.#ask({ kind: "leader" }, "node");
    return id === 0n ? null : { id, address };
  }

  /** The configuration as this member knows it, from its memory: it may be stale, and empty on one that never joined. */
  async servers(): Promise<readonly Server[]> {
    return (await this.#ask({ kind: "cluster" }, "nodes")).servers;
  }

  /** What the roles are placed by. */
  async describe(): Promise<{ readonly failureDomain: bigint; readonly weight: bigint }> {
    const { failureDomain, weight } = await this.#ask({ kind: "describe" }, "metadata");
    return { failureDomain, weight };
  }

  /** Registers this client by a number of its choice, as go-dqlite does; nothing else here needs it. */
  async register(id: bigint): Promise<{ readonly heartbeatTimeoutMs: number }> {
    const { heartbeatTimeoutMs } = await this.#ask({ kind: "client", id }, "welcome");
    return { heartbeatTimeoutMs: Number(heartbeatTimeoutMs) };
  }

  close(): void {
    this.#connection.close();
  }

  async #ask<K extends Response["kind"]>(request: Request, kind: K): Promise<Extract<Response, { kind: K }>> {
    const response = await this.#connection.request(request);
    if (response.kind === kind) return response as Extract<Response, { kind: K }>;
    this.close();
    const { peer } = this.#connection;
    throw new TapError(
      "protocol",
      `${peer}: ${request.kind} request: a ${response.kind} answer came instead of ${kind}`,
    );
  }
}
