import { mkdtemp, rm } from "node:fs/promises";
import * as http2 from "node:http2";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock/system-clock.ts";
import { certificate, listen, listenHttp2Tls } from "../net/testing.ts";
import { createEtcdApi } from "./client.ts";
import { apiOf, closeAll, closeLater, connectNowhere, etcd, RANGE_506, respondGrpc } from "./test-etcd.ts";

afterEach(closeAll);

describe("the store's revision", () => {
  it("is the header's of a Range of /registry/health", async () => {
    const asked: unknown[] = [];
    const api = await etcd((stream) => {
      asked.push(stream.sentHeaders);
      stream.on("data", (chunk: Buffer) => asked.push(chunk.toString("latin1")));
      stream.on("end", () => respondGrpc(stream, [RANGE_506], { "grpc-status": "0" }));
    });
    expect(await api.readRevision(2_000)).toMatchObject({ known: true, value: { revision: 506 } });
    expect(asked.at(-1)).toContain("/registry/health");
  });

  it("is read over a unix socket whose name holds a colon", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quorate-etcd-"));
    closeLater(() => rm(folder, { recursive: true }));
    const path = join(folder, "kine.sock:12379");
    const server = http2.createServer();
    server.on("stream", (stream) => respondGrpc(stream, [RANGE_506], { "grpc-status": "0" }));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    closeLater(() => server.close());
    const connect = () =>
      new Promise<Duplex>((resolve) => {
        const socket = net.connect(path, () => resolve(socket));
      });
    expect(await apiOf(connect).readRevision(2_000)).toMatchObject({ value: { revision: 506 } });
  });

  it("is read over TLS with a client certificate", async () => {
    const peer = await listenHttp2Tls((stream) => respondGrpc(stream, [RANGE_506], { "grpc-status": "0" }), {
      rejectUnauthorized: true,
    });
    closeLater(() => peer.close());
    const tls = {
      caPem: certificate("ca.crt"),
      certPem: certificate("client.crt"),
      keyPem: certificate("client.key"),
      serverName: "127.0.0.1",
      insecure: false,
    };
    const api = createEtcdApi({ connect: peer.connect, tls, authority: "127.0.0.1:2379", clock: systemClock });
    closeLater(() => api.close());
    expect(await api.readRevision(2_000)).toMatchObject({ value: { revision: 506 } });
  });

  it.each([
    ["14", "server-error", /gRPC Unavailable: query \(try: 0\): context canceled/],
    ["2", "server-error", /gRPC Unknown/],
    ["16", "permission-denied", /gRPC Unauthenticated/],
    ["12", "protocol", /gRPC Unimplemented/],
    ["99", "server-error", /gRPC status 99/],
  ])("is unknown for gRPC status %s", async (status, reason, detail) => {
    const message = "query (try: 0)%3A context canceled";
    const api = await etcd((stream) => respondGrpc(stream, [], { "grpc-status": status, "grpc-message": message }));
    const reading = await api.readRevision(2_000);
    expect(reading).toMatchObject({ known: false, reason, detail: expect.stringMatching(detail) });
  });

  it("is unknown when the status comes in the headers, as for an error without any message", async () => {
    const api = await etcd((stream) =>
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "14", "grpc-message": "no leader" },
        { endStream: true },
      ),
    );
    const reading = await api.readRevision(2_000);
    expect(reading).toMatchObject({ reason: "server-error", detail: expect.stringContaining("no leader") });
  });

  it("is a protocol failure for anything that is not one message", async () => {
    const answers = [[], [RANGE_506, RANGE_506], ["ff"], [""]];
    for (const hex of answers) {
      const api = await etcd((stream) => respondGrpc(stream, hex, { "grpc-status": "0" }));
      expect(await api.readRevision(2_000)).toMatchObject({ known: false, reason: "protocol" });
    }
  });

  it("is a protocol failure for a web server on HTTP/2", async () => {
    const api = await etcd((stream) => {
      stream.respond({ ":status": 404, "content-type": "text/plain" });
      stream.end("404 page not found");
    });
    const reading = await api.readRevision(2_000);
    expect(reading).toMatchObject({ reason: "protocol", detail: expect.stringContaining("HTTP 404, not gRPC") });
  });

  it("is a protocol failure for a peer that speaks something else, or hangs up", async () => {
    const chatty = await listen(net.createServer((socket) => socket.end("220 mail.example.org ESMTP\r\n")));
    const curt = await listen(net.createServer((socket) => socket.destroy()));
    closeLater(chatty.close);
    closeLater(curt.close);
    expect(await apiOf(chatty.connect).readRevision(2_000)).toMatchObject({ known: false, reason: "protocol" });
    expect(await apiOf(curt.connect).readRevision(2_000)).toMatchObject({ known: false, reason: "protocol" });
  });

  it("is a deadline for a server that accepts and never answers, at each stage", async () => {
    const mute = await listen(net.createServer());
    closeLater(mute.close);
    expect(await apiOf(mute.connect).readRevision(100)).toMatchObject({ known: false, reason: "deadline" });
    const frozen = await etcd(() => {});
    expect(await frozen.readRevision(100)).toMatchObject({ known: false, reason: "deadline" });
  });

  it("is not-found when the socket is not there", async () => {
    expect(await apiOf(connectNowhere).readRevision(100)).toMatchObject({ known: false, reason: "not-found" });
  });
});
