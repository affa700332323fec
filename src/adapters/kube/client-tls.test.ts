import type * as tls from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, listenHttp2Tls, respondJson } from "../net/testing.ts";
import { apiOf, closeAll, get, ok, open } from "./testing-api.ts";

afterEach(closeAll);

describe("TLS", () => {
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
