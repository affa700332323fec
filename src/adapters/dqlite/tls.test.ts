import { X509Certificate } from "node:crypto";
import type { TlsOptions } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { askMember } from "./client.ts";
import type { Listener } from "./test-member.ts";
import { listen, listenTls, readCertificate, replay } from "./test-member.ts";
import type { ClusterCertificate } from "./tls.ts";
import { firstDnsName } from "./tls.ts";

const opened: Listener[] = [];
afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
});

function serverOptions(name: string): TlsOptions {
  const { certificate, key } = readCertificate(name);
  return { cert: certificate, key, ca: [certificate] };
}

async function ask(listener: Listener, tls?: ClusterCertificate, deadlineMs = 5000): ReturnType<typeof askMember> {
  opened.push(listener);
  return askMember({ connect: listener.dial, address: "n1:19001", deadlineMs, ...(tls && { tls }) });
}

function serveTls(options: TlsOptions): Promise<Listener> {
  return listenTls(options, (stream) => replay("healthy-follower", stream));
}

test.each(["cluster", "cn-only"])("mutual TLS with the pair of the cluster (%s)", async (name) => {
  const reading = await ask(await serveTls(serverOptions(name)), readCertificate(name));
  expect(reading).toMatchObject({ known: true, value: { leader: { id: "3297041220608546238" } } });
});

test("TLS 1.2 is enough", async () => {
  const listener = await serveTls({ ...serverOptions("cluster"), maxVersion: "TLSv1.2" });
  expect(await ask(listener, readCertificate("cluster"))).toMatchObject({ known: true });
});

test("TLS 1.1 is not", async () => {
  const old: TlsOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
  const listener = await serveTls({ ...serverOptions("cluster"), ...old });
  expect(await ask(listener, readCertificate("cluster"))).toMatchObject({ known: false, reason: "tls" });
});

test.each([
  ["stranger", "cluster", "not the cluster's"],
  ["cluster", "cn-only", "not the cluster's"],
  ["expired", "expired", "certificate has expired"],
])("a server with %s, asked with %s: tls", async (server, client, words) => {
  const reading = await ask(await serveTls(serverOptions(server)), readCertificate(client));
  expect(reading).toMatchObject({ known: false, reason: "tls", detail: expect.stringContaining(words) });
});

test("a server that drops our certificate without an alert, as Node does, looks like one that broke off: protocol", async () => {
  const stranger = readCertificate("stranger").certificate;
  const listener = await serveTls({ ...serverOptions("cluster"), ca: [stranger] });
  expect(await ask(listener, readCertificate("cluster"))).toMatchObject({ known: false, reason: "protocol" });
});

test("the server's name is the first DNS name of the certificate, not the host that was dialled", async () => {
  let asked: string | undefined;
  const listener = await listenTls(serverOptions("cluster"), (stream) => {
    asked = (stream as { servername?: string }).servername;
    replay("healthy-follower", stream);
  });
  await ask(listener, readCertificate("cluster"));
  expect(asked).toBe("quorate-1");
});

test.each([
  ["cluster", "quorate-1"],
  ["cn-only", null],
])("first DNS name of %s: %s", (name, expected) => {
  expect(firstDnsName(new X509Certificate(readCertificate(name).certificate))).toBe(expected);
});

test("a member that speaks plain dqlite closes: tls, with a hint", async () => {
  const listener = await listen((stream) => stream.once("data", () => stream.destroy()));
  const reading = await ask(listener, readCertificate("cluster"));
  expect(reading).toMatchObject({ reason: "tls", detail: expect.stringContaining("it may speak plain dqlite") });
});

test.each(["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"])(
  "%j in answer to TLS: protocol",
  async (banner) => {
    const reading = await ask(await listen((stream) => void stream.write(banner)), readCertificate("cluster"));
    expect(reading).toMatchObject({ reason: "protocol", detail: expect.stringContaining("does not speak TLS") });
  },
);

test("frozen before the handshake: deadline", async () => {
  const reading = await ask(await listen(() => undefined), readCertificate("cluster"), 100);
  expect(reading).toMatchObject({ reason: "deadline", detail: "n1:19001: TLS handshake: no answer within 100 ms" });
});

test("frozen after the handshake: deadline", async () => {
  const listener = await listenTls(serverOptions("cluster"), () => undefined);
  const reading = await ask(listener, readCertificate("cluster"), 1000);
  expect(reading).toMatchObject({ reason: "deadline", detail: expect.stringContaining("leader request") });
});

const SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
const cluster = readCertificate("cluster");
test.each([
  ["a certificate that is none", { certificate: Buffer.from(SECRET), key: cluster.key }, "cannot be read as PEM"],
  ["a key that is none", { certificate: cluster.certificate, key: Buffer.from(SECRET) }, "loading the cluster"],
  ["a key of another certificate", { ...cluster, key: readCertificate("stranger").key }, "does not belong"],
])("%s: tls, and no secret in the message", async (_what, tls, words) => {
  const reading = await ask(await serveTls(serverOptions("cluster")), tls);
  expect(reading).toMatchObject({ known: false, reason: "tls", detail: expect.stringContaining(words) });
  expect(JSON.stringify(reading)).not.toContain(SECRET.slice(0, 8));
});
