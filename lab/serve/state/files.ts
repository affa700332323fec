import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { privateKeyFile, publicKeyLine, type SshKey } from "../ssh/keys.ts";
import type { Certificates } from "./certificates.ts";
import { pathsIn } from "./directory.ts";

export interface NodeAddresses {
  readonly name: string;
  readonly address: string;
  readonly kubePort: number;
  readonly sshPort: number;
  readonly dqlitePort: number;
}

export interface StateFiles {
  readonly directory: string;
  readonly nodes: readonly NodeAddresses[];
  readonly certificates: Certificates;
  readonly viewerToken: string;
  readonly hostKey: SshKey;
  readonly loginKey: SshKey;
}

/** Writes what kubectl, ssh and quorate need to reach the lab. */
export function writeStateFiles(files: StateFiles): void {
  const { directory, nodes, loginKey, hostKey } = files;
  const paths = pathsIn(directory);
  for (const { name } of nodes) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  write(paths.kubeconfig, kubeconfig(files, nodes));
  for (const node of nodes) write(paths.kubeconfigOf(node.name), kubeconfig(files, [node]));
  write(paths.loginKey, privateKeyFile(loginKey, "quorate-lab"));
  write(
    paths.knownHosts,
    nodes.map(({ address, sshPort }) => `[${address}]:${sshPort} ${publicKeyLine(hostKey)}\n`).join(""),
  );
  write(paths.sshConfig, sshConfig(files));
  write(paths.config, quorateConfig(files));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A context for each node, as its admin and as somebody who only reads; the first node's admin is the current one. */
function kubeconfig({ certificates, viewerToken }: StateFiles, nodes: readonly NodeAddresses[]): string {
  const clusters = nodes.map(
    ({ name, address, kubePort }) =>
      `- name: ${name}\n  cluster:\n    server: https://${address}:${kubePort}\n    certificate-authority-data: ${base64(certificates.ca)}\n`,
  );
  const contexts = nodes.flatMap(({ name }) => [
    `- name: ${name}\n  context:\n    cluster: ${name}\n    user: admin\n`,
    `- name: ${name}-viewer\n  context:\n    cluster: ${name}\n    user: viewer\n`,
  ]);
  const { certificate, key } = certificates.admin;
  const users = [
    `- name: admin\n  user:\n    client-certificate-data: ${base64(certificate)}\n    client-key-data: ${base64(key)}\n`,
    `- name: viewer\n  user:\n    token: ${viewerToken}\n`,
  ];
  return [
    "apiVersion: v1\nkind: Config\n",
    `clusters:\n${clusters.join("")}`,
    `contexts:\n${contexts.join("")}`,
    `users:\n${users.join("")}`,
    `current-context: ${nodes[0]?.name ?? ""}\n`,
  ].join("");
}

/** The node's own admin kubeconfig, as MicroK8s keeps it in credentials/client.config. */
export function nodeKubeconfig({ ca, admin }: Certificates): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${base64(ca)}
    server: https://127.0.0.1:16443
  name: microk8s-cluster
contexts:
- context:
    cluster: microk8s-cluster
    user: admin
  name: microk8s
current-context: microk8s
users:
- name: admin
  user:
    client-certificate-data: ${base64(admin.certificate)}
    client-key-data: ${base64(admin.key)}
`;
}

function sshConfig({ directory, nodes }: StateFiles): string {
  const paths = pathsIn(directory);
  const hosts = nodes.map(({ name, address, sshPort }) => `Host ${name}\n  HostName ${address}\n  Port ${sshPort}\n`);
  const all = [
    "User root",
    `IdentityFile "${paths.loginKey}"`,
    "IdentitiesOnly yes",
    "IdentityAgent none",
    `UserKnownHostsFile "${paths.knownHosts}"`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org",
    "HostKeyAlgorithms ssh-ed25519",
    "Ciphers aes256-gcm@openssh.com",
  ];
  return `${hosts.join("")}Host *\n${all.map((line) => `  ${line}\n`).join("")}`;
}

function quorateConfig({ directory, nodes }: StateFiles): string {
  const list = nodes.map(({ name }) => `  - name: ${name}\n    ssh: ${name}\n`).join("");
  return `# Written by quorate lab up.\nprofile: microk8s\nsshConfig: ${JSON.stringify(pathsIn(directory).sshConfig)}\nnodes:\n${list}`;
}
