// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { APISERVER_PORT, NODES, nodeAddress, STATE_DIR } from "./config.ts";
import { runOk } from "./exec.ts";

export const PKI_DIR = join(STATE_DIR, "pki");

/** Ten years, as MicroK8s makes its own. */
const DAYS = "3650";
/** The bearer tokens that the apiservers accept; test data, valid only inside the twin. */
export const ADMIN_TOKEN = "quorate-twin-admin";
export const PLAIN_TOKEN = "quorate-twin-nobody";

const NODE_IP_SANS = NODES.map((node) => `IP:${nodeAddress(node)}`).join(",");
const SERVICE_SANS = "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:10.152.183.1";

/** Makes the CA, the server and client pairs, the service account key and the datastore's cluster pair. */
export async function makePki(): Promise<void> {
  await mkdir(PKI_DIR, { recursive: true, mode: 0o700 });
  await Promise.all([makeClusterPair(), makeServiceAccountKey(), writeTokens(), makeSignedPairs()]);
}

async function makeSignedPairs(): Promise<void> {
  await selfSigned("ca", "/CN=quorate-twin-ca", [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
  ]);
  // Its own CA, as in MicroK8s: without one the KCM logs an error every ten seconds.
  await selfSigned("front-proxy-ca", "/CN=front-proxy-ca", ["basicConstraints=critical,CA:TRUE"]);
  const server = `subjectAltName=DNS:localhost,IP:127.0.0.1,${SERVICE_SANS},${NODE_IP_SANS}`;
  // One after the other: they share the CA's serial number file.
  await signed("server", "/CN=kube-apiserver", [server, "extendedKeyUsage=serverAuth"]);
  await signed("client", "/O=system:masters/CN=admin", ["extendedKeyUsage=clientAuth"]);
  await signed("controller", "/O=system:masters/CN=system:kube-controller-manager", ["extendedKeyUsage=clientAuth"]);
}

/** MicroK8s copies one self-signed pair to all members; go-dqlite needs a DNS name in it. */
async function makeClusterPair(): Promise<void> {
  await selfSigned("cluster", "/CN=k8s", [
    "basicConstraints=critical,CA:TRUE",
    `subjectAltName=DNS:k8s,IP:127.0.0.1,${NODE_IP_SANS}`,
  ]);
}

function makeServiceAccountKey(): Promise<string> {
  return runOk(["openssl", "genrsa", "-out", file("serviceaccount.key"), "2048"]);
}

async function writeTokens(): Promise<void> {
  const lines = [`${ADMIN_TOKEN},admin,admin,"system:masters"`, `${PLAIN_TOKEN},nobody,nobody`, ""];
  await writeFile(file("known_tokens.csv"), lines.join("\n"), { mode: 0o600 });
}

function file(name: string): string {
  return join(PKI_DIR, name);
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function selfSigned(name: string, subject: string, extensions: readonly string[]): Promise<void> {
  const ext = extensions.flatMap((extension) => ["-addext", extension]);
  const out = ["-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)];
  await runOk(["openssl", "req", "-x509", ...NEW_KEY, "-days", DAYS, "-subj", subject, ...ext, ...out]);
}

async function signed(name: string, subject: string, extensions: readonly string[]): Promise<void> {
  const request = file(`${name}.csr`);
  await runOk(["openssl", "req", ...NEW_KEY, "-subj", subject, "-keyout", file(`${name}.key`), "-out", request]);
  await writeFile(file(`${name}.ext`), `${extensions.join("\n")}\n`);
  const ca = ["-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  const out = ["-days", DAYS, "-extfile", file(`${name}.ext`), "-out", file(`${name}.crt`)];
  await runOk(["openssl", "x509", "-req", "-in", request, ...ca, ...out]);
}

/** A kubeconfig with everything inline, as `credentials/client.config` of MicroK8s. */
export async function kubeconfig(
  user: string,
  pair: string,
  server = `https://127.0.0.1:${APISERVER_PORT}`,
): Promise<string> {
  return [
    "apiVersion: v1",
    "kind: Config",
    "clusters:",
    "- name: microk8s-cluster",
    "  cluster:",
    `    certificate-authority-data: ${await base64("ca.crt")}`,
    `    server: ${server}`,
    "contexts:",
    "- name: microk8s",
    "  context:",
    "    cluster: microk8s-cluster",
    `    user: ${user}`,
    "current-context: microk8s",
    "users:",
    `- name: ${user}`,
    "  user:",
    `    client-certificate-data: ${await base64(`${pair}.crt`)}`,
    `    client-key-data: ${await base64(`${pair}.key`)}`,
    "",
  ].join("\n");
}

async function base64(name: string): Promise<string> {
  return (await readFile(file(name))).toString("base64");
}
