import { mkdtemp, rm } from "node:fs/promises";
import * as http2 from "node:http2";
import type { ServerHttp2Stream } from "node:http2";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../ports/clock.ts";
import type { EtcdApi } from "../../ports/etcd-api.ts";
import { systemClock } from "../clock/system-clock.ts";
import { certificate, hastyClock, listen, listenHttp2, listenHttp2Tls } from "../net/testing.ts";
import { createEtcdApi } from "./client.ts";
import { createFrameSplitter, encodeFrame } from "./grpc-frames.ts";

// Captured from etcd 3.4.23.
const RANGE_506 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa032002";
const CREATED_506 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa0320021801";
const PROGRESS_509 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fd03200210ffffffffffffffffff01";
const COMPACTED_420 = "0a1808c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e012002200128a403";
/** A Watch answer with one event of revision 694 and header revision 694. */
const EVENT_694 = "0a0318b6055a05120318b605";
const PROGRESS_REQUEST = "1a00";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

function apiOf(connect: () => Promise<Duplex>, clock: Clock = systemClock): EtcdApi {
  const api = createEtcdApi({ connect, authority: "kine.sock:12379", clock });
  closers.push(() => api.close());
  return api;
}

/** An etcd on loopback as far as `onStream` makes it one. */
async function etcd(onStream: (stream: ServerHttp2Stream) => void, clock?: Clock): Promise<EtcdApi> {
  const peer = await listenHttp2(onStream);
  closers.push(() => peer.close());
  return apiOf(peer.connect, clock);
}

function frame(hex: string): Buffer {
  return encodeFrame(Buffer.from(hex, "hex"));
}

function respondGrpc(stream: ServerHttp2Stream, hex: string[], status: http2.OutgoingHttpHeaders): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(status));
  for (const one of hex) stream.write(frame(one));
  stream.end();
}

/** Answers each request message of a Watch stream by what `answer` gives for it. */
function serveWatch(stream: ServerHttp2Stream, answer: (request: string) => string[]): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  const push = createFrameSplitter((request) => {
    for (const hex of answer(request.toString("hex"))) stream.write(frame(hex));
  });
  stream.on("data", push);
}

function watchLeases(api: EtcdApi) {
  const seen: string[] = [];
  const ended = Promise.withResolvers<string>();
  const watch = api.watchPrefix("/registry/leases/", {
    onCreated: (revision) => seen.push(`created ${revision}`),
    onEvents: (revision) => seen.push(`events ${revision}`),
    onProgress: (revision) => seen.push(`progress ${revision}`),
    onEnd(reason) {
      seen.push("end");
      ended.resolve(reason);
    },
  });
  return { watch, seen, ended: ended.promise };
}

function connectNowhere(): Promise<Duplex> {
  return Promise.reject(Object.assign(new Error("connect ENOENT"), { code: "ENOENT" }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5);
}

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
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, "kine.sock:12379");
    const server = http2.createServer();
    server.on("stream", (stream) => respondGrpc(stream, [RANGE_506], { "grpc-status": "0" }));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    closers.push(() => server.close());
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
    closers.push(() => peer.close());
    const tls = {
      caPem: certificate("ca.crt"),
      certPem: certificate("client.crt"),
      keyPem: certificate("client.key"),
      serverName: "127.0.0.1",
      insecure: false,
    };
    const api = createEtcdApi({ connect: peer.connect, tls, authority: "127.0.0.1:2379", clock: systemClock });
    closers.push(() => api.close());
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
    closers.push(chatty.close, curt.close);
    expect(await apiOf(chatty.connect).readRevision(2_000)).toMatchObject({ known: false, reason: "protocol" });
    expect(await apiOf(curt.connect).readRevision(2_000)).toMatchObject({ known: false, reason: "protocol" });
  });

  it("is a deadline for a server that accepts and never answers, at each stage", async () => {
    const mute = await listen(net.createServer());
    closers.push(mute.close);
    expect(await apiOf(mute.connect).readRevision(100)).toMatchObject({ known: false, reason: "deadline" });
    const frozen = await etcd(() => {});
    expect(await frozen.readRevision(100)).toMatchObject({ known: false, reason: "deadline" });
  });

  it("is not-found when the socket is not there", async () => {
    expect(await apiOf(connectNowhere).readRevision(100)).toMatchObject({ known: false, reason: "not-found" });
  });
});

describe("a watch", () => {
  it("tells of its confirmation, of events and of answers to progress requests", async () => {
    const api = await etcd((stream) =>
      serveWatch(stream, (request) => (request === PROGRESS_REQUEST ? [PROGRESS_509] : [CREATED_506, EVENT_694])),
    );
    const { watch, seen } = watchLeases(api);
    await until(() => seen.length === 2);
    watch.requestProgress();
    await until(() => seen.length === 3);
    expect(seen).toEqual(["created 506", "events 694", "progress 509"]);
  });

  it("takes a progress answer inside the same bytes as events", async () => {
    const api = await etcd((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(Buffer.concat([frame(CREATED_506), frame(EVENT_694), frame(PROGRESS_509)]));
    });
    const { seen } = watchLeases(api);
    await until(() => seen.length === 3);
    expect(seen).toEqual(["created 506", "events 694", "progress 509"]);
  });

  it("ends once when this side closes it, and the server is told", async () => {
    const cancelled = Promise.withResolvers<number>();
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      stream.on("close", () => cancelled.resolve(stream.rstCode));
    });
    const { watch, seen, ended } = watchLeases(api);
    await until(() => seen.length === 1);
    watch.close();
    watch.close();
    watch.requestProgress();
    expect(await ended).toBe("closed by this side");
    expect(await cancelled.promise).toBe(8);
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends with the compact revision when it began below it", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => [COMPACTED_420]));
    expect(await watchLeases(api).ended).toMatch(/canceled by the server: revisions up to 420 have been compacted/);
  });

  it("ends with the server's reason", async () => {
    const reason = Buffer.from("etcdserver: unhealthy cluster");
    const hex = `200132${reason.length.toString(16)}${reason.toString("hex")}`;
    const api = await etcd((stream) => serveWatch(stream, () => [CREATED_506, hex]));
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatch(/canceled by the server: etcdserver: unhealthy cluster/);
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends with the gRPC status when the server stops", async () => {
    const status = { "grpc-status": "14", "grpc-message": "server is shutting down" };
    const api = await etcd((stream) => respondGrpc(stream, [CREATED_506], status));
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatch(/gRPC Unavailable: server is shutting down/);
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends when the connection breaks", async () => {
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      setTimeout(() => stream.session?.destroy(), 30);
    });
    const { seen, ended } = watchLeases(api);
    await ended;
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends when the server sends what is no message", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => [CREATED_506, "ff"]));
    expect(await watchLeases(api).ended).toMatch(
      /etcd Watch \/registry\/leases\/ at kine.sock:12379: not an etcd message/,
    );
  });

  it("ends when the server takes it and never confirms", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => []), hastyClock);
    expect(await watchLeases(api).ended).toMatch(/no answer within 10000 ms/);
  });

  it("ends when the peer is no gRPC server", async () => {
    const api = await etcd((stream) => {
      stream.respond({ ":status": 415 });
      stream.end();
    });
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatch(/HTTP 415, not gRPC/);
    expect(seen).toEqual(["end"]);
  });

  it("can be opened again on a new connection after the server came back", async () => {
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      const { session } = stream;
      setTimeout(() => session?.destroy(), 20);
    });
    await watchLeases(api).ended;
    const again = watchLeases(api);
    await again.ended;
    expect(again.seen).toEqual(["created 506", "end"]);
  });
});
