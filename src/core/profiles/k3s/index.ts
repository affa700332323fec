import type { Profile } from "../profile.ts";

/**
 * k3s with kine on SQLite or an outside database (embedded etcd has other endpoints). One unit holds the datastore and the
 * apiserver, so a restart is never the smallest remedy there; kine has a stalled poll loop of its own, with another
 * signature than k8s-dqlite's.
 */
export const k3s: Profile = {
  id: "k3s",
  title: "k3s",
  status: "planned",
  units: { datastore: "k3s", kubelite: "k3s" },
  datastore: { kind: "unix", path: "/var/lib/rancher/k3s/server/kine.sock" },
  dqlite: null,
  kubeconfigPath: "/etc/rancher/k3s/k3s.yaml",
  apiserverPort: 6443,
  stopMarkerPath: null,
  metricsPort: null,
  symlinkPaths: [],
  remedyRungs: [],
  source: "docs.k3s.io (cli/server, datastore); the socket's path is unconfirmed",
};
