import { X509Certificate } from "node:crypto";
import { connect, createServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { createAuthority, issue, selfSigned } from "./certificate.ts";

const NOW_MS = Date.now();
const authority = createAuthority({ commonName: "lab-ca" }, NOW_MS);

describe("certificates", () => {
  it("carry names, addresses, groups and the authority's signature", () => {
    const subject = { commonName: "admin", organization: "system:masters" };
    const pair = issue(authority, { subject, usage: "both", names: ["k8s01", "127.0.0.11"] }, NOW_MS);
    const certificate = new X509Certificate(pair.certificate);
    const ca = new X509Certificate(authority.certificate);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.checkHost("k8s01")).toBe("k8s01");
    expect(certificate.checkIP("127.0.0.11")).toBe("127.0.0.11");
    expect(certificate.subject).toBe("O=system:masters\nCN=admin");
    expect([certificate.ca, ca.ca]).toEqual([false, true]);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW_MS);
  });

  it("of one self-signed pair serve mutual TLS, and those of another authority are refused", async () => {
    const cluster = selfSigned({ commonName: "k8s" }, ["k8s01"], NOW_MS);
    const options = { cert: cluster.certificate, key: cluster.key, ca: cluster.certificate };
    const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) =>
      socket.end("yes"),
    );
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const ask = (pair: { readonly certificate: string; readonly key: string }) =>
      new Promise<string>((resolve) => {
        const given = { ca: cluster.certificate, cert: pair.certificate, key: pair.key, servername: "k8s01" };
        const socket = connect({ port, host: "127.0.0.1", ...given });
        socket.on("data", (data) => resolve(data.toString()));
        socket.on("error", () => resolve("refused"));
        socket.on("close", () => resolve("refused"));
      });
    expect(await ask(cluster)).toBe("yes");
    expect(await ask(selfSigned({ commonName: "k8s" }, ["k8s01"], NOW_MS))).toBe("refused");
    server.close();
  });
});
