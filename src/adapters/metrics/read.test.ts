import * as http from "node:http";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { listen } from "../net/testing.ts";
import { METRICS_BYTES_MAX, readDatastoreMetrics } from "./read.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const PAGE = 'k8s_dqlite_generic_op_result{result="success",tx_name="after_sql_limit"} 309\n';

async function read(server: net.Server, deadlineMs = 2_000) {
  const peer = await listen(server);
  closers.push(peer.close);
  return readDatastoreMetrics(() => peer.connect(), { host: "127.0.0.1", port: peer.port }, deadlineMs);
}

function serve(onRequest: http.RequestListener): http.Server {
  return http.createServer(onRequest);
}

function refused(): Promise<Duplex> {
  return Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
}

function unreachable(): Promise<Duplex> {
  return Promise.reject(new TapError("unreachable", "ssh: no route to host"));
}

describe("k8s-dqlite's metrics", () => {
  it("are read from /metrics, with the address as Host", async () => {
    const asked: unknown[] = [];
    const server = serve((request, response) => {
      asked.push(request.method, request.url, request.headers.host?.startsWith("127.0.0.1:"));
      response.end(PAGE);
    });
    expect(await read(server)).toEqual({
      known: true,
      value: { pollQueries: 309, otherQueries: 0, failedTransactions: 0 },
    });
    expect(asked).toEqual(["GET", "/metrics", true]);
  });

  it("are not configured when nobody listens", async () => {
    const reading = await readDatastoreMetrics(refused, { host: "127.0.0.1", port: 9042 }, 1_000);
    expect(reading).toMatchObject({ known: false, reason: "not-configured" });
    expect(reading).toMatchObject({ detail: expect.stringContaining("--metrics is off") });
  });

  it("keep every other reason of a connection that fails", async () => {
    const reading = await readDatastoreMetrics(unreachable, { host: "127.0.0.1", port: 9042 }, 1_000);
    expect(reading).toEqual({ known: false, reason: "unreachable", detail: "ssh: no route to host" });
  });

  it("are not configured when another program answers there", async () => {
    expect(await read(serve((_request, response) => response.end("up 1\n")))).toMatchObject({
      reason: "not-configured",
    });
  });

  it("are a server-error for another status", async () => {
    const server = serve((_request, response) => response.writeHead(503).end(PAGE));
    expect(await read(server)).toMatchObject({ known: false, reason: "server-error" });
  });

  it("are a deadline when the peer accepts and never answers, or stops in the middle", async () => {
    expect(await read(net.createServer(), 100)).toMatchObject({ known: false, reason: "deadline" });
    const half = serve((_request, response) => void response.write(PAGE));
    expect(await read(half, 100)).toMatchObject({ known: false, reason: "deadline" });
  });

  it("are a protocol failure for what is no HTTP, for a broken answer and for an endless one", async () => {
    const mail = net.createServer((socket) => socket.end("220 mail.example.org ESMTP\r\n"));
    expect(await read(mail)).toMatchObject({ known: false, reason: "protocol" });
    const broken = serve((_request, response) => void response.write(PAGE, () => response.destroy()));
    expect(await read(broken)).toMatchObject({ known: false, reason: "protocol" });
    const endless = serve((_request, response) => response.end(Buffer.alloc(METRICS_BYTES_MAX + 1, 0x0a)));
    expect(await read(endless, 10_000)).toMatchObject({ known: false, reason: "protocol" });
  });
});
