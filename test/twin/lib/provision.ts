// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  BACKEND_DIR,
  DQLITE_PORT,
  DQLITE_UNIT,
  KINE_SOCKET,
  KUBELITE_UNIT,
  NODE_FILES_DIR,
  NODES,
  nodeAddress,
  nodeDir,
  nodeNumber,
  REPOSITORY_DIR,
  SNAP,
  SNAP_DATA,
  SNAP_REVISION,
  TOOLS_DIR,
  type NodeName,
} from "./config.ts";
import type { Components } from "./components.ts";
import type { Bind } from "./machine.ts";
import { kubeconfig, PKI_DIR } from "./pki.ts";
import { installSshKeys } from "./ssh.ts";

/** Where tests find the repository inside a node, to run quorate there as an operator would. */
export const REPOSITORY_ON_NODE = "/opt/quorate";

/** Fills the node's writable layer. Runs before the first boot, never on a running node. */
export async function provision(node: NodeName): Promise<void> {
  const upper = join(nodeDir(node), "upper");
  await write(upper, "/etc/hostname", `${node}\n`);
  // Distinct and stable: journald names its directory by it, and tests compare boots of one machine.
  await write(upper, "/etc/machine-id", `${String(nodeNumber(node)).repeat(32)}\n`);
  await write(upper, "/etc/environment", environmentFile(node));
  await installSshKeys(node);
  await installTools(upper);
  await installUnits(upper);
  await installSnapData(node, upper);
}

/** Read-only files of the host: large, identical on all nodes, or meant to change under a running node. */
export async function binds(parts: Components): Promise<Bind[]> {
  const bin = `${SNAP}/bin`;
  const found: Bind[] = [
    { from: join(parts.kubernetes, "kube-apiserver"), to: `${bin}/kube-apiserver` },
    { from: join(parts.kubernetes, "kube-controller-manager"), to: `${bin}/kube-controller-manager` },
    { from: parts.datastore.path, to: `${bin}/k8s-dqlite` },
    { from: REPOSITORY_DIR, to: REPOSITORY_ON_NODE },
  ];
  if (parts.watchProxy !== undefined) found.push({ from: parts.watchProxy, to: `${bin}/watch-proxy` });
  return found;
}

function environmentFile(node: NodeName): string {
  return [
    `SNAP=${SNAP}`,
    `SNAP_DATA=${SNAP_DATA}`,
    `SNAP_COMMON=/var/snap/microk8s/common`,
    `SNAP_REVISION=${SNAP_REVISION}`,
    `QUORATE_TWIN_ADDRESS=${nodeAddress(node)}`,
    "",
  ].join("\n");
}

async function installTools(upper: string): Promise<void> {
  for (const name of await readdir(NODE_FILES_DIR)) {
    if (name.endsWith(".service")) continue;
    const target = join(upper, TOOLS_DIR, name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(NODE_FILES_DIR, name), target);
    await chmod(target, 0o755);
  }
}

async function installUnits(upper: string): Promise<void> {
  const units = "/etc/systemd/system";
  for (const name of await readdir(NODE_FILES_DIR)) {
    if (name.endsWith(".service"))
      await write(upper, `${units}/${name}`, await readFile(join(NODE_FILES_DIR, name), "utf8"));
  }
  const wants = join(upper, units, "multi-user.target.wants");
  await mkdir(wants, { recursive: true });
  for (const unit of [DQLITE_UNIT, KUBELITE_UNIT]) await symlink(`${units}/${unit}`, join(wants, unit));
}

async function installSnapData(node: NodeName, upper: string): Promise<void> {
  await mkdir(join(upper, SNAP, "bin"), { recursive: true });
  await symlink(SNAP_REVISION, join(upper, dirname(SNAP), "current"));
  await mkdir(join(upper, SNAP_DATA), { recursive: true });
  await symlink(SNAP_REVISION, join(upper, dirname(SNAP_DATA), "current"));
  await mkdir(join(upper, "/var/snap/microk8s/common"), { recursive: true });
  for (const lock of ["ha-cluster", "lite.lock"]) await write(upper, `${SNAP_DATA}/var/lock/${lock}`, "");
  await installArgs(node, upper);
  await installCertificates(upper);
  await installBackend(node, upper);
}

async function installArgs(node: NodeName, upper: string): Promise<void> {
  const args = {
    "k8s-dqlite": DATASTORE_ARGS,
    "kube-apiserver": [...APISERVER_ARGS, `--advertise-address=${nodeAddress(node)}`],
    "kube-controller-manager": CONTROLLER_ARGS,
  };
  for (const [name, lines] of Object.entries(args)) {
    await write(upper, `${SNAP_DATA}/args/${name}`, `${lines.join("\n")}\n`);
  }
}

const DATASTORE_ARGS = [
  "--storage-dir=${SNAP_DATA}/var/kubernetes/backend/",
  '--listen="unix://${SNAP_DATA}/var/kubernetes/backend/kine.sock:12379"',
  "--enable-tls",
  // Off in MicroK8s; on here, because the tests compare what quorate says with and without these figures.
  "--metrics",
  "--metrics-listen=127.0.0.1:9042",
];

const APISERVER_ARGS = [
  `--etcd-servers=unix://${KINE_SOCKET}`,
  "--secure-port=16443",
  "--cert-dir=${SNAP_DATA}/certs",
  "--tls-cert-file=${SNAP_DATA}/certs/server.crt",
  "--tls-private-key-file=${SNAP_DATA}/certs/server.key",
  "--client-ca-file=${SNAP_DATA}/certs/ca.crt",
  "--requestheader-client-ca-file=${SNAP_DATA}/certs/front-proxy-ca.crt",
  "--requestheader-allowed-names=front-proxy-client",
  "--requestheader-username-headers=X-Remote-User",
  "--requestheader-group-headers=X-Remote-Group",
  "--requestheader-extra-headers-prefix=X-Remote-Extra-",
  "--token-auth-file=${SNAP_DATA}/credentials/known_tokens.csv",
  // MicroK8s with its rbac addon; without it everything would be allowed and "forbidden" could not be tested.
  "--authorization-mode=RBAC,Node",
  "--service-account-issuer=https://kubernetes.default.svc",
  "--service-account-key-file=${SNAP_DATA}/certs/serviceaccount.key",
  "--service-account-signing-key-file=${SNAP_DATA}/certs/serviceaccount.key",
  "--service-cluster-ip-range=10.152.183.0/24",
  "--event-ttl=5m",
  "--profiling=false",
  // What MicroK8s sets from 1.34 on.
  "--feature-gates=ListFromCacheSnapshot=false,SizeBasedListCostEstimate=false,DetectCacheInconsistency=false",
];

const CONTROLLER_ARGS = [
  "--kubeconfig=${SNAP_DATA}/credentials/controller.config",
  "--authentication-kubeconfig=${SNAP_DATA}/credentials/controller.config",
  "--authorization-kubeconfig=${SNAP_DATA}/credentials/controller.config",
  "--bind-address=127.0.0.1",
  "--service-account-private-key-file=${SNAP_DATA}/certs/serviceaccount.key",
  "--root-ca-file=${SNAP_DATA}/certs/ca.crt",
  "--cluster-signing-cert-file=${SNAP_DATA}/certs/ca.crt",
  "--cluster-signing-key-file=${SNAP_DATA}/certs/ca.key",
  "--leader-elect-lease-duration=60s",
  "--leader-elect-renew-deadline=30s",
  "--leader-elect-retry-period=2s",
  "--profiling=false",
];

async function installCertificates(upper: string): Promise<void> {
  const pairs = ["ca", "server", "client"].flatMap((name) => [`${name}.crt`, `${name}.key`]);
  const certs = [...pairs, "front-proxy-ca.crt", "serviceaccount.key"];
  for (const name of certs) await writeSecret(upper, `${SNAP_DATA}/certs/${name}`, await readFile(join(PKI_DIR, name)));
  const credentials = `${SNAP_DATA}/credentials`;
  await writeSecret(upper, `${credentials}/known_tokens.csv`, await readFile(join(PKI_DIR, "known_tokens.csv")));
  await writeSecret(upper, `${credentials}/client.config`, await kubeconfig("admin", "client"));
  await writeSecret(upper, `${credentials}/controller.config`, await kubeconfig("controller", "controller"));
}

async function installBackend(node: NodeName, upper: string): Promise<void> {
  for (const name of ["cluster.crt", "cluster.key"]) {
    await writeSecret(upper, `${BACKEND_DIR}/${name}`, await readFile(join(PKI_DIR, name)));
  }
  await write(upper, `${BACKEND_DIR}/init.yaml`, initYaml(node));
  // Same figures as the default, but the static strategy: the dynamic one needs a newer libdqlite than the
  // nodes' release has.
  await write(
    upper,
    `${BACKEND_DIR}/tuning.yaml`,
    "snapshot:\n  threshold: 512\n  trailing: 4096\n  strategy: static\n",
  );
}

/** The first node starts the cluster, the others join it. The datastore deletes the file when it has obeyed. */
function initYaml(node: NodeName): string {
  const first = NODES[0];
  const cluster = node === first ? [] : ["Cluster:", `- ${nodeAddress(first)}:${DQLITE_PORT}`];
  return [`Address: ${nodeAddress(node)}:${DQLITE_PORT}`, ...cluster, ""].join("\n");
}

async function write(upper: string, path: string, content: string): Promise<void> {
  const file = join(upper, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function writeSecret(upper: string, path: string, content: string | Buffer): Promise<void> {
  await write(upper, path, "");
  await writeFile(join(upper, path), content);
  await chmod(join(upper, path), 0o660);
}
