import * as http from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import * as net from "node:net";
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../ports/clock.ts";
import type { KubeApi } from "../../ports/kube-api.ts";
import { systemClock } from "../clock/system-clock.ts";
import { createKubeApi, RESPONSE_BYTES_MAX } from "./client.ts";
import type { KubeCredentials } from "./credentials.ts";
import type { TestPeer } from "./testing.ts";
import { certificate, hastyClock, listen, listenHttp2Tls, respondJson, TEST_CREDENTIALS } from "./testing.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(peer: TestPeer): TestPeer {
  closers.push(() => peer.close());
  return peer;
}

interface ApiOptions {
  readonly server?: string;
  readonly credentials?: Partial<KubeCredentials>;
  readonly connect?: () => Promise<Duplex>;
  readonly clock?: Clock;
}

function apiOf(peer: TestPeer, options: ApiOptions = {}): KubeApi {
  const api = createKubeApi({
    server: new URL(options.server ?? `https://127.0.0.1:${peer.port}`),
    credentials: { ...TEST_CREDENTIALS, ...options.credentials },
    connect: options.connect ?? peer.connect,
    clock: options.clock ?? systemClock,
  });
  closers.push(() => api.close());
  return api;
}

const get = (path: string, deadlineMs = 2_000) => ({ method: "GET" as const, path, deadlineMs });

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
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, 200, {})));
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
    const peer = open(await listenHttp2Tls((stream) => respondJson(stream, 200, {})));
    const api = apiOf(peer);
    api.close();
    expect(await api.request(get("/api"))).toMatchObject({ known: false, reason: "unreachable" });
    expect(peer.connections()).toBe(0);
  });
});

describe("TLS", () => {
  const ok = (stream: ServerHttp2Stream): void => respondJson(stream, 200, {});

  it("refuses a server that another CA signed, in plain words", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const reading = await apiOf(peer, { credentials: { caPem: certificate("other-ca.crt") } }).request(get("/api"));
    expect(reading).toMatchObject({ known: false, reason: "tls" });
    expect(reading).toMatchObject({ detail: expect.stringContaining("not signed by the given CA") });
  });

  it("checks the certificate against an IP address, without sending it as a server name", async () => {
    const names: unknown[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      names.push(name);
      done(null);
    };
    const peer = open(await listenHttp2Tls(ok, { SNICallback }));
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ known: true });
    const wrong = apiOf(peer, { server: "https://127.0.0.2:16443" });
    expect(await wrong.request(get("/api"))).toMatchObject({ known: false, reason: "tls" });
    expect(names).toEqual([]);
  });

  it("refuses a wrong host name and takes tls-server-name in its place", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const server = "https://somewhere.test:16443";
    expect(await apiOf(peer, { server }).request(get("/api"))).toMatchObject({ known: false, reason: "tls" });
    const named = apiOf(peer, { server, credentials: { serverName: "kube.test" } });
    expect(await named.request(get("/api"))).toMatchObject({ known: true });
  });

  it("accepts any certificate only when that was asked for", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const server = "https://elsewhere.test";
    const careful = apiOf(peer, { server, credentials: { caPem: null } });
    expect(await careful.request(get("/api"))).toMatchObject({ known: false, reason: "tls" });
    const careless = apiOf(peer, { server, credentials: { caPem: null, insecure: true } });
    expect(await careless.request(get("/api"))).toMatchObject({ known: true });
  });

  it("shows the client certificate", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        const socket = stream.session?.socket as tls.TLSSocket;
        respondJson(stream, 200, { user: socket.getPeerCertificate().subject.CN });
      }),
    );
    expect(await apiOf(peer).request(get("/api"))).toMatchObject({ value: { body: { user: "test-admin" } } });
  });

  it("is the reason when the server demands a client certificate and gets none", async () => {
    const peer = open(await listenHttp2Tls(ok, { rejectUnauthorized: true }));
    const api = apiOf(peer, { credentials: { certPem: null, keyPem: null } });
    expect(await api.request(get("/api"))).toMatchObject({ known: false, reason: "tls" });
  });

  it("is the reason when the key is no key, and the key is not quoted", async () => {
    const peer = open(await listenHttp2Tls(ok));
    const keyPem = "-----BEGIN EC PRIVATE KEY-----\ns3cret\n-----END EC PRIVATE KEY-----\n";
    const reading = await apiOf(peer, { credentials: { keyPem } }).request(get("/api"));
    expect(reading).toMatchObject({ known: false, reason: "tls", detail: expect.stringContaining("cannot be used") });
    expect(JSON.stringify(reading)).not.toContain("s3cret");
  });
});

describe("a session that ends", () => {
  it("is replaced after GOAWAY", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        const { session } = stream;
        stream.on("close", () => session?.goaway());
        respondJson(stream, 200, {});
      }),
    );
    const api = apiOf(peer);
    expect(await api.request(get("/1"))).toMatchObject({ known: true });
    await systemClock.sleep(50);
    expect(await api.request(get("/2"))).toMatchObject({ known: true });
    expect(peer.connections()).toBe(2);
  });

  it("that died unnoticed costs a GET a second connection, not its answer", async () => {
    const peer = open(
      await listenHttp2Tls((stream, headers) => {
        if (headers[":path"] === "/dies" && peer.connections() === 1) stream.session?.destroy();
        else respondJson(stream, 200, {});
      }),
    );
    const api = apiOf(peer);
    await api.request(get("/first"));
    expect(await api.request(get("/dies"))).toMatchObject({ known: true });
    expect(peer.connections()).toBe(2);
  });

  it("never has a write sent twice that may have arrived", async () => {
    let writes = 0;
    const peer = open(
      await listenHttp2Tls((stream, headers) => {
        if (headers[":method"] === "GET") return respondJson(stream, 200, {});
        writes += 1;
        stream.session?.destroy();
      }),
    );
    const api = apiOf(peer);
    await api.request(get("/first"));
    const reading = await api.request({ method: "PATCH", path: "/x", body: {}, deadlineMs: 2_000 });
    expect(reading).toMatchObject({ known: false, reason: "protocol" });
    expect(writes).toBe(1);
  });

  it("has a write sent again that the peer says it refused unseen", async () => {
    let writes = 0;
    const peer = open(
      await listenHttp2Tls((stream) => {
        writes += 1;
        if (writes === 1) stream.close(7);
        else respondJson(stream, 200, {});
      }),
    );
    const reading = await apiOf(peer).request({ method: "PATCH", path: "/x", body: {}, deadlineMs: 2_000 });
    expect(reading).toMatchObject({ known: true });
    expect(writes).toBe(2);
  });

  it("never has a write sent after its deadline, when the connection came too late", async () => {
    let streams = 0;
    const peer = open(await listenHttp2Tls(() => (streams += 1)));
    const connect = async () => {
      await systemClock.sleep(200);
      return peer.connect();
    };
    const api = apiOf(peer, { connect });
    const reading = await api.request({ method: "PUT", path: "/x", body: {}, deadlineMs: 50 });
    expect(reading).toMatchObject({ known: false, reason: "deadline" });
    await systemClock.sleep(400);
    expect(streams).toBe(0);
  });
});

describe("PING", () => {
  it("gives the round trip", async () => {
    const peer = open(await listenHttp2Tls(() => {}));
    const reading = await apiOf(peer).ping(2_000);
    expect(reading.known && reading.value).toBeGreaterThan(0);
  });

  it("ends a session that no longer answers, and every watch on it with a reason", async () => {
    const peer = open(await listenHttp2Tls((stream) => stream.respond({ ":status": 200 })));
    const stopped = new AbortController();
    // A relay that falls silent: the connection stays, as with a paused process or a dead ssh forward.
    const relay = open(
      await listen(
        net.createServer(async (near) => {
          const far = await peer.connect();
          near.on("data", (chunk) => stopped.signal.aborted || far.write(chunk));
          far.on("data", (chunk) => stopped.signal.aborted || near.write(chunk));
        }),
      ),
    );
    const api = apiOf(relay, { clock: hastyClock });
    const ended = Promise.withResolvers<string>();
    api.watch("/api/v1/pods", {}, { onEvent: () => {}, onEnd: ended.resolve });
    expect(await api.request(get("/never", 5_000))).toMatchObject({ known: false, reason: "deadline" });
    stopped.abort();
    expect(await ended.promise).toMatch(/PING: no answer within 5000 ms/);
  });
});
