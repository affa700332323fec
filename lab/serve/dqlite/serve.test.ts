import { connect, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { askMember } from "../../../src/adapters/dqlite/client.ts";
import type { DqliteMember, DqliteMemberState } from "../../world/dqlite/dqlite.ts";
import { selfSigned } from "../pki/certificate.ts";
import { PipeEnd } from "../wire/pipe.ts";
import { createMemberServer } from "./serve.ts";

const cluster = selfSigned({ commonName: "k8s" }, ["k8s01", "127.0.0.11"], Date.now());
const strangers = selfSigned({ commonName: "k8s" }, ["k8s01"], Date.now());
const servers = [
  { id: "3297041220608546238", address: "127.0.0.11:19001", role: "voter" },
  { id: "18446744073709551615", address: "127.0.0.12:19001", role: "stand-by" },
] as const;
const state: DqliteMemberState = { ...servers[0], leader: servers[0], servers };
const member = { state: () => state } as DqliteMember;
const serve = createMemberServer(member, cluster);

function dial() {
  const [near, far] = PipeEnd.pair();
  serve(far);
  return Promise.resolve(near);
}

const tls = { certificate: Buffer.from(cluster.certificate), key: Buffer.from(cluster.key) };

describe("a member of the lab, asked by Quorate's own dqlite client", () => {
  it("names its leader and its servers, with ids beyond 2^53", async () => {
    const reading = await askMember({ connect: dial, tls, address: servers[0].address, deadlineMs: 5000 });
    expect(reading).toEqual({
      known: true,
      value: {
        address: servers[0].address,
        leader: { id: servers[0].id, address: servers[0].address },
        servers: servers.map(({ id, address, role }) => ({ id, address, role })),
      },
    });
  });

  it("takes nobody who has not the cluster's key", async () => {
    const theirs = { certificate: Buffer.from(strangers.certificate), key: Buffer.from(strangers.key) };
    const reading = await askMember({ connect: dial, tls: theirs, address: servers[0].address, deadlineMs: 5000 });
    expect(reading).toMatchObject({ known: false, reason: "tls" });
  });

  it("answers what it does not know with a failure, and breaks with what is no dqlite", async () => {
    const socket = await secured();
    // Request type 99, empty.
    socket.write(Buffer.from("01000000000000000000000063000000", "hex"));
    const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect([answer.readUInt8(4), answer.readBigUInt64LE(8)]).toEqual([0, 1005n]);
    const other = await secured();
    other.resume().write("GET / HTTP/1.1\r\n\r\n");
    await new Promise((resolve) => other.once("end", resolve));
  });
});

async function secured(): Promise<TLSSocket> {
  const options = { cert: cluster.certificate, key: cluster.key, ca: cluster.certificate, servername: "k8s01" };
  const socket = connect({ socket: await dial(), ...options });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}
