import * as http from "node:http";
import * as net from "node:net";
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, listen, listenHttp2Tls, respondJson } from "../net/testing.ts";
import { RESPONSE_BYTES_MAX } from "./client.ts";
import { apiOf, closeAll, get, ok, open } from "./testing-api.ts";

afterEach(closeAll);

describe("a request", () => {
  it("gives status, resourceVersion, the server's date and the parsed body", async () => {
    const body = { kind: "LeaseList", metadata: { resourceVersion: "694" }, items: [] };
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, 200, body)));
    const reading = await apiOf(peer).request(get("/api"));
    expect(reading).toMatchObject({ known: true, value: { status: 200, resourceVersion: "694", body } });
    expect(reading.known && reading.value.latencyMs).toBeGreaterThanOrEqual(0);
    expect(reading.known && Math.abs((reading.value.serverDateMs ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it("sends method, path below the server's, query, token and body as JSON of the given kind", async () => {
    const seen: unknown[] = [];
    const peer = open(
      await listenHttp2Tls((stream, headers) => {
        stream.on("data", (chunk: Buffer) => seen.push(JSON.parse(chunk.toString())));
        stream.on("end", () => {
          seen.push(headers[":method"], headers[":path"], headers.authorization, headers["content-type"]);
          respondJson(stream, 200, {});
        });
      }),
    );
    const api = apiOf(peer, {
      server: `https://127.0.0.1:${peer.port}/k8s/clusters/c1/`,
      credentials: { authorization: "Bearer t0ken" },
    });
    await api.request({
      method: "PATCH",
      path: "/api/v1/nodes",
      query: { fieldSelector: "metadata.name=a b" },
      body: { a: 1 },
      contentType: "application/merge-patch+json",
      deadlineMs: 2_000,
    });
    const path = "/k8s/clusters/c1/api/v1/nodes?fieldSelector=metadata.name%3Da+b";
    expect(seen).toEqual([{ a: 1 }, "PATCH", path, "Bearer t0ken", "application/merge-patch+json"]);
  });

  it("gives plain text as text, without resourceVersion", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        stream.respond({ ":status": 500, "content-type": "text/plain; charset=utf-8" });
        stream.end("[-]etcd failed: reason withheld");
      }),
    );
    const reading = await apiOf(peer).request(get("/readyz"));
    expect(reading).toMatchObject({ known: true, value: { status: 500, resourceVersion: null } });
    expect(reading).toMatchObject({ value: { body: "[-]etcd failed: reason withheld" } });
  });

  it.each([404, 409, 429, 500, 504])("takes status %i as knowledge, not as a failure", async (status) => {
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, status, { message: "x" })));
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ known: true, value: { status } });
  });

  it("runs many at once over one connection", async () => {
    const peer = open(await listenHttp2Tls((stream, headers) => respondJson(stream, 200, { path: headers[":path"] })));
    const api = apiOf(peer);
    const paths = Array.from({ length: 50 }, (_, n) => `/${n}`);
    const readings = await Promise.all(paths.map((path) => api.request(get(path))));
    expect(readings.map((one) => one.known && one.value.body)).toEqual(paths.map((path) => ({ path })));
    expect(peer.connections()).toBe(1);
  });

  it("works over any duplex stream, as an ssh forward may give one", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const connect = async () => {
      const socket = await peer.connect();
      return Duplex.from({ readable: socket, writable: socket });
    };
    expect(await apiOf(peer, { connect }).request(get("/api"))).toMatchObject({ known: true });
  });
});

describe("a refusal of the apiserver is permission-denied", () => {
  it.each([
    [401, "Unauthorized", /401 Unauthorized; the token or client certificate is wrong or has expired/],
    [
      403,
      'nodes is forbidden: User "a"',
      /403 nodes is forbidden: User "a"; the user of the kubeconfig lacks this right/,
    ],
  ])("for %i, with its message and what to do", async (status, message, detail) => {
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, status, { kind: "Status", message })));
    const reading = await apiOf(peer, { credentials: { authorization: "Bearer s3cret" } }).request(get("/api"));
    expect(reading).toMatchObject({ known: false, reason: "permission-denied", detail: expect.stringMatching(detail) });
    expect(JSON.stringify(reading)).not.toContain("s3cret");
  });

  it("on one printable line, whatever the server sends", async () => {
    const message = "a\n\u001b[31mred\u2028b".padEnd(5_000, "x");
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, 403, { message })));
    const reading = await apiOf(peer).request(get("/api"));
    const detail = reading.known ? "" : reading.detail;
    expect(detail).toContain("a [31mred b");
    expect(detail.length).toBeLessThan(500);
  });
});

describe("a server that does not answer as it should", () => {
  it("meets the deadline, and the stream is cancelled there", async () => {
    const cancelled = Promise.withResolvers<number>();
    const peer = open(await listenHttp2Tls((stream) => stream.on("close", () => cancelled.resolve(stream.rstCode))));
    const reading = await apiOf(peer).request(get("/api", 100));
    expect(reading).toMatchObject({ known: false, reason: "deadline" });
    expect(await cancelled.promise).toBe(8);
  });

  it("meets the deadline when it accepts and never speaks, as a stopped process does", async () => {
    const peer = open(await listen(net.createServer()));
    expect(await apiOf(peer).request(get("/api", 100))).toMatchObject({ known: false, reason: "deadline" });
  });

  it("meets the deadline when the answer stops in the middle", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/json" });
        stream.write('{"a":');
      }),
    );
    expect(await apiOf(peer).request(get("/api", 200))).toMatchObject({ known: false, reason: "deadline" });
  });

  it("is a protocol failure when the answer breaks off", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/json" });
        stream.write('{"a":', () => stream.session?.destroy());
      }),
    );
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ known: false, reason: "protocol" });
  });

  it("is a protocol failure when the JSON is none, and the body is not quoted", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/json" });
        stream.end("s3cret");
      }),
    );
    const reading = await apiOf(peer).request(get("/api"));
    expect(reading).toMatchObject({ known: false, reason: "protocol" });
    expect(JSON.stringify(reading)).not.toContain("s3cret");
  });

  it("is a protocol failure when the body exceeds its bound", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/json" });
        stream.end(Buffer.alloc(RESPONSE_BYTES_MAX + 1, 0x20));
      }),
    );
    const reading = await apiOf(peer).request(get("/api", 10_000));
    expect(reading).toMatchObject({ known: false, reason: "protocol", detail: expect.stringContaining("larger than") });
  });

  it("is a protocol failure when it speaks HTTP/1.1 over TLS", async () => {
    const server = tls.createServer({ cert: certificate("server.crt"), key: certificate("server.key") });
    const peer = open(await listen(server));
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({
      known: false,
      reason: "protocol",
      detail: expect.stringContaining("not HTTP/2"),
    });
  });

  it("is a protocol failure when it speaks plain HTTP", async () => {
    const peer = open(await listen(http.createServer((_request, response) => response.end("no"))));
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ known: false, reason: "protocol" });
  });

  it("is connection-refused when nobody listens", async () => {
    const peer = await listen(net.createServer());
    await peer.close();
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ known: false, reason: "connection-refused" });
  });

  it("is not asked after this side was closed", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const api = apiOf(peer);
    api.close();
    expect(await api.request(get("/api"))).toMatchObject({ known: false, reason: "unreachable" });
    expect(peer.connections()).toBe(0);
  });
});
