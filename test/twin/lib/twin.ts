// SPDX-License-Identifier: Apache-2.0
// The twin's library for tests. Importing it starts nothing.
export { components } from "./components.ts";
export { buildDatastore, type Datastore } from "./datastore.ts";
export {
  APISERVER_PORT,
  BACKEND_DIR,
  DQLITE_PORT,
  DQLITE_UNIT,
  inLab,
  KINE_SOCKET,
  KUBELITE_UNIT,
  LAB_ADDRESS,
  LAB_NETNS,
  nodeAddress,
  NODES,
  PLAIN_USER,
  SNAP_DATA,
  STATE_DIR,
  SUDO_USER,
  type NodeName,
} from "./config.ts";
export { down } from "./down.ts";
export { datastoreLeader, memberView, type Member, type MemberView } from "./dqlite.ts";
export { run, type RunOptions, type RunResult } from "./exec.ts";
export * as faults from "./faults/index.ts";
export { CONFIGMAPS, controllerLease, isReady, kube, LEASES, listRevision, type KubeAnswer } from "./kube.ts";
export { runOnNode, runOnNodeOk } from "./machine.ts";
export { ADMIN_TOKEN, kubeconfig, PKI_DIR, PLAIN_TOKEN } from "./pki.ts";
export { progressToStderr, silent, type Progress } from "./progress.ts";
export { REPOSITORY_ON_NODE } from "./provision.ts";
export { sshConfigPath } from "./ssh.ts";
export { status, type NodeStatus, type TwinStatus } from "./status.ts";
export { up, waitUntilWhole, type UpResult } from "./up.ts";
export { sleep, waitFor, waitUntil } from "./wait.ts";
