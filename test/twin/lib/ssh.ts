// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  LAB_NETNS,
  NODES,
  nodeAddress,
  nodeDir,
  PLAIN_USER,
  STATE_DIR,
  SUDO_USER,
  TWIN_DIR,
  type NodeName,
} from "./config.ts";
import { runOk } from "./exec.ts";

export const SSH_DIR = join(STATE_DIR, "ssh");
/** For `ssh -F`. Hosts: k8s01 (root), k8s01-ops (sudo without password), k8s01-nosudo (no sudo). */
export const sshConfigPath = join(SSH_DIR, "config");
const KEY = join(SSH_DIR, "key");
const KNOWN_HOSTS = join(SSH_DIR, "known_hosts");

/** Makes the login key, a host key per node, and the configuration that names them. */
export async function makeSshFiles(): Promise<void> {
  await mkdir(SSH_DIR, { recursive: true, mode: 0o700 });
  await keygen(KEY, "quorate-twin");
  const known: string[] = [];
  for (const node of NODES) {
    await keygen(hostKey(node), `root@${node}`);
    const publicKey = (await readFile(`${hostKey(node)}.pub`, "utf8")).trim();
    known.push(`${node},${node}-${SUDO_USER},${node}-${PLAIN_USER},${nodeAddress(node)} ${publicKey}`);
  }
  await writeFile(KNOWN_HOSTS, `${known.join("\n")}\n`);
  await writeFile(sshConfigPath, sshConfig());
}

/** Puts the keys into the node's writable layer; must run before it boots. */
export async function installSshKeys(node: NodeName): Promise<void> {
  const upper = join(nodeDir(node), "upper");
  const publicKey = await readFile(`${KEY}.pub`, "utf8");
  const homes = [
    { home: "root", uid: 0 },
    { home: `home/${SUDO_USER}`, uid: 1001 },
    { home: `home/${PLAIN_USER}`, uid: 1002 },
  ];
  for (const { home, uid } of homes) await authorize(join(upper, home), uid, publicKey);
  const etc = join(upper, "etc/ssh");
  await mkdir(etc, { recursive: true });
  await copyFile(hostKey(node), join(etc, "ssh_host_ed25519_key"));
  await chmod(join(etc, "ssh_host_ed25519_key"), 0o600);
  await copyFile(`${hostKey(node)}.pub`, join(etc, "ssh_host_ed25519_key.pub"));
}

/** sshd refuses keys in directories that others could write to, or that belong to somebody else. */
async function authorize(home: string, uid: number, publicKey: string): Promise<void> {
  const dir = join(home, ".ssh");
  await mkdir(dir, { recursive: true });
  const file = join(dir, "authorized_keys");
  await writeFile(file, publicKey);
  for (const path of [home, dir, file]) await chown(path, uid, uid);
  await chmod(home, 0o700);
  await chmod(dir, 0o700);
  await chmod(file, 0o600);
}

function sshConfig(): string {
  const pipe = `${process.execPath} --disable-warning=ExperimentalWarning ${join(TWIN_DIR, "lib/net-pipe.ts")}`;
  const common = [
    `  IdentityFile ${KEY}`,
    "  IdentitiesOnly yes",
    "  BatchMode yes",
    "  ConnectTimeout 5",
    `  UserKnownHostsFile ${KNOWN_HOSTS}`,
    "  StrictHostKeyChecking yes",
    // The addresses exist only in the lab's namespace; this lets ssh start from anywhere on this machine.
    `  ProxyCommand ip netns exec ${LAB_NETNS} ${pipe} %h %p`,
  ];
  const host = (alias: string, node: NodeName, user: string) =>
    [
      `Host ${alias}`,
      `  HostName ${nodeAddress(node)}`,
      `  HostKeyAlias ${node}`,
      `  User ${user}`,
      ...common,
      "",
    ].join("\n");
  const hosts = NODES.flatMap((node) => [
    host(node, node, "root"),
    host(`${node}-${SUDO_USER}`, node, SUDO_USER),
    host(`${node}-${PLAIN_USER}`, node, PLAIN_USER),
  ]);
  return hosts.join("\n");
}

function keygen(path: string, comment: string): Promise<string> {
  return runOk(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
}

function hostKey(node: NodeName): string {
  return join(SSH_DIR, `host_${node}`);
}
