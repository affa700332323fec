import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import type { KubeconfigChoice, KubeconfigTarget } from "./kubeconfig.ts";
import { parseKubeconfig } from "./kubeconfig.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const PEM_DATA = Buffer.from(PEM).toString("base64");
const FILE = "/var/snap/microk8s/current/credentials/client.config";

function config(parts: { cluster?: string; user?: string; context?: string; current?: string } = {}): string {
  return `apiVersion: v1
kind: Config
preferences: {}
clusters:
- name: microk8s-cluster
  cluster:
    ${parts.cluster ?? `certificate-authority-data: ${PEM_DATA}\n    server: https://127.0.0.1:16443`}
contexts:
- name: microk8s
  context: ${parts.context ?? "{cluster: microk8s-cluster, user: admin}"}
${parts.current ?? "current-context: microk8s"}
users:
- name: admin
  user:
    ${parts.user ?? "token: abc"}
`;
}

function parse(yaml: string, choice: Partial<KubeconfigChoice> = {}): KubeconfigTarget {
  return parseKubeconfig(yaml, { file: FILE, ...choice });
}

function refusal(yaml: string, choice: Partial<KubeconfigChoice> = {}): string {
  try {
    parse(yaml, choice);
  } catch (error) {
    expect(error).toBeInstanceOf(TapError);
    expect((error as TapError).reason).toBe("not-configured");
    return (error as TapError).message;
  }
  throw new Error("was not refused");
}

describe("a kubeconfig as MicroK8s writes it", () => {
  it("gives server, CA and client certificate of its current context", () => {
    const user = `client-certificate-data: ${PEM_DATA}\n    client-key-data: ${PEM_DATA}`;
    expect(parse(config({ user }))).toEqual({
      context: "microk8s",
      server: new URL("https://127.0.0.1:16443"),
      serverName: null,
      insecure: false,
      ca: { pem: PEM },
      cert: { pem: PEM },
      key: { pem: PEM },
      token: null,
      basic: null,
    });
  });

  it("gives a token, a token's file, or user and password", () => {
    expect(parse(config({ user: 'token: "abc\\n"' })).token).toEqual({ value: "abc" });
    expect(parse(config({ user: "tokenFile: token" })).token).toEqual({ path: "token" });
    expect(parse(config({ user: "{token: abc, tokenFile: token}" })).token).toEqual({ value: "abc" });
    expect(parse(config({ user: "{username: u, password: p}" })).basic).toEqual({ username: "u", password: "p" });
  });

  it("gives the paths of files, and the data where both are given", () => {
    const cluster = "{server: 'https://a:1', certificate-authority: ca.crt, tls-server-name: kube.test}";
    expect(parse(config({ cluster }))).toMatchObject({ ca: { path: "ca.crt" }, serverName: "kube.test" });
    const both = `{server: 'https://a:1', certificate-authority: ca.crt, certificate-authority-data: ${PEM_DATA}}`;
    expect(parse(config({ cluster: both })).ca).toEqual({ pem: PEM });
  });

  it("takes a context by name, and one without a user", () => {
    expect(parse(config({ current: "" }), { context: "microk8s" }).context).toBe("microk8s");
    expect(parse(config({ context: "{cluster: microk8s-cluster}" })).token).toBeNull();
  });

  it("takes insecure-skip-tls-verify only when allowed", () => {
    const cluster = "{server: 'https://a:1', insecure-skip-tls-verify: true}";
    expect(refusal(config({ cluster }))).toMatch(/insecure-skip-tls-verify is refused/);
    expect(parse(config({ cluster }), { insecureAllowed: true }).insecure).toBe(true);
  });
});

describe("a kubeconfig is refused in one line that names file and context, for", () => {
  it.each([
    ["an exec plug-in", config({ user: "exec: {command: aws}" }), /needs an exec credential plugin/],
    ["an auth-provider", config({ user: "auth-provider: {name: gcp}" }), /needs an auth-provider/],
    ["a proxy", config({ cluster: "{server: 'https://a:1', proxy-url: 'http://p'}" }), /proxy-url is not supported/],
    ["plain http", config({ cluster: "server: http://127.0.0.1:8080" }), /server must be https, not http/],
    ["a server that is no URL", config({ cluster: "server: 127.0.0.1" }), /server is not a URL/],
    ["a certificate without its key", config({ user: `client-certificate-data: ${PEM_DATA}` }), /given together/],
    ["data that is no PEM", config({ user: "{client-certificate-data: YWJj, client-key-data: YWJj}" }), /not a base64/],
    ["a token with a line break inside", config({ user: 'token: "a\\nb"' }), /the token holds characters/],
    ["a missing cluster", config({ context: "{cluster: other, user: admin}" }), /its cluster "other" is not in/],
    ["a missing user", config({ context: "{cluster: microk8s-cluster, user: bob}" }), /its user "bob" is not in/],
  ])("%s", (_what, yaml, message) => {
    const line = refusal(yaml);
    expect(line).toMatch(message);
    expect(line).toContain(`kubeconfig ${FILE}, context "microk8s"`);
    expect(line).not.toContain("\n");
  });

  it("a context that is not there, with those that are", () => {
    expect(refusal(config(), { context: "prod" })).toMatch(/context "prod": no such context; the file has: microk8s/);
    expect(refusal(config({ current: "" }))).toMatch(/no current-context is set; choose one of: microk8s/);
  });

  it.each([
    ["YAML that breaks near a secret", "users:\n- name: a\n  user: {token: s3cret\n"],
    ["an unknown alias", "users: *s3cret\n"],
    ["a secret of the wrong kind", config({ user: "token: [s3cret]" })],
    ["a secret in the place of a list", "users: s3cret\n"],
  ])("%s, without quoting it", (_what, yaml) => {
    expect(refusal(yaml)).toMatch(/^kubeconfig /);
    expect(refusal(yaml)).not.toContain("s3cret");
  });

  it("any text that is none, always as a TapError", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => refusal(text).startsWith("kubeconfig ")));
    fc.assert(fc.property(fc.json(), (json) => refusal(json).startsWith("kubeconfig ")));
  });
});
