import { describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { certificate } from "../net/testing.ts";
import { loadKubeconfig } from "./kubeconfig-load.ts";

const FILE = "/etc/kube/config";

function files(user: string, more: Readonly<Record<string, string>> = {}): (path: string) => Promise<Buffer> {
  const yaml = `
clusters: [{name: c, cluster: {server: "https://10.0.0.1:16443", certificate-authority: pki/ca.crt}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
users: [{name: u, user: ${user}}]
`;
  const all: Readonly<Record<string, string>> = {
    [FILE]: yaml,
    "/etc/kube/pki/ca.crt": certificate("ca.crt"),
    ...more,
  };
  return async (path) => {
    const content = all[path];
    if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
    return Buffer.from(content);
  };
}

async function authorization(user: string): Promise<string | null> {
  const readFile = files(user, { "/etc/kube/token": "abc\n" });
  return (await loadKubeconfig({ file: FILE }, readFile)).credentials.authorization;
}

function refuse(): Promise<Buffer> {
  return Promise.reject(new TapError("permission-denied", "sudo wants a password"));
}

describe("loading a kubeconfig", () => {
  it("reads the files it names, relative to its folder", async () => {
    const readFile = files("{client-certificate: ../a.crt, client-key: /root/a.key}", {
      "/etc/a.crt": certificate("client.crt"),
      "/root/a.key": certificate("client.key"),
    });
    expect(await loadKubeconfig({ file: FILE }, readFile)).toMatchObject({
      context: "x",
      credentials: { caPem: certificate("ca.crt"), certPem: certificate("client.crt"), authorization: null },
    });
  });

  it("makes the Authorization header of a token, a token's file, or user and password", async () => {
    expect(await authorization("{token: abc}")).toBe("Bearer abc");
    expect(await authorization("{tokenFile: token}")).toBe("Bearer abc");
    expect(await authorization("{username: u, password: p}")).toBe("Basic dTpw");
    expect(await authorization("{}")).toBeNull();
  });

  it("names the file that is missing, with the context that wants it", async () => {
    const loading = loadKubeconfig({ file: FILE }, files("{tokenFile: token}"));
    await expect(loading).rejects.toMatchObject({
      reason: "not-found",
      message: expect.stringContaining('kubeconfig /etc/kube/config, context "x": tokenFile token'),
    });
  });

  it("keeps the reason of a reader that already knows it", async () => {
    await expect(loadKubeconfig({ file: FILE }, refuse)).rejects.toMatchObject({
      reason: "permission-denied",
      message: "kubeconfig /etc/kube/config: sudo wants a password",
    });
  });

  it("refuses files that do not hold what they should, without quoting them", async () => {
    const noPem = loadKubeconfig({ file: FILE }, files("{}", { "/etc/kube/pki/ca.crt": "s3cret" }));
    await expect(noPem).rejects.toThrow(/certificate-authority pki\/ca.crt is not a PEM file/);
    const noToken = loadKubeconfig({ file: FILE }, files("{tokenFile: t}", { "/etc/kube/t": "s3cret\nline" }));
    await expect(noToken).rejects.toThrow(/tokenFile t holds no token$/);
  });
});
