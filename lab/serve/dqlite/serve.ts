import type { Duplex } from "node:stream";
import { createServer, type TLSSocket } from "node:tls";
import type { DqliteMember } from "../../world/dqlite/dqlite.ts";
import type { Pair } from "../pki/certificate.ts";
import { answers, createRequestReader, REQUEST, type RequestFrame } from "./messages.ts";

/** dqlite's failure codes: SQLITE_IOERR with dqlite's own number, and DQLITE_PARSE. */
const NOT_LEADER = 10_250n;
const PARSE = 1005n;

/** Cluster's format with roles, and the only format that Describe has. */
const WITH_ROLES = 1n;

/** The member behind go-dqlite's TLS proxy: mutual TLS with the cluster's one pair. The returned function serves a connection. */
export function createMemberServer(member: DqliteMember, cluster: Pair): (stream: Duplex) => void {
  const server = createServer(
    {
      cert: cluster.certificate,
      key: cluster.key,
      ca: cluster.certificate,
      minVersion: "TLSv1.2",
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => serveClient(socket, member),
  );
  // A client without the cluster's certificate, or one that does not speak TLS.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return (stream) => server.emit("connection", stream);
}

function serveClient(socket: TLSSocket, member: DqliteMember): void {
  const read = createRequestReader();
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const request of read(chunk)) socket.write(answer(member, request));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      socket.destroy();
    }
  });
  socket.on("end", () => socket.end());
}

/** What is answered from the member's own memory; everything else is for the leader's clients, and they are not served here. */
export function answer(member: DqliteMember, { type, body }: RequestFrame): Buffer {
  const argument = body.length >= 8 ? body.readBigUInt64LE(0) : 0n;
  const state = member.state();
  switch (type) {
    case REQUEST.leader:
      return answers.node(state.leader?.id ?? "0", state.leader?.address ?? "");
    case REQUEST.client:
      return answers.welcome();
    case REQUEST.cluster:
      return argument === WITH_ROLES
        ? answers.nodes(state.servers)
        : answers.failure(PARSE, "unrecognized cluster format");
    case REQUEST.describe:
      return answers.metadata(0n, 0n);
    case REQUEST.open:
      return answers.failure(NOT_LEADER, "not leader");
    default:
      return answers.failure(PARSE, "unrecognized request type");
  }
}
