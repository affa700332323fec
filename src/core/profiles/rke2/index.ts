import type { Profile } from "../profile.ts";

/** RKE2: etcd and the apiserver are static pods under the supervisor's unit. */
export const rke2: Profile = {
  id: "rke2",
  title: "RKE2",
  status: "planned",
  units: { datastore: null, kubelite: "rke2-server" },
  // Client certificates: /var/lib/rancher/rke2/server/tls/etcd/{server-ca.crt,server-client.crt,server-client.key}
  datastore: { kind: "tcp", host: "127.0.0.1", port: 2379 },
  dqlite: null,
  kubeconfigPath: "/etc/rancher/rke2/rke2.yaml",
  apiserverPort: 6443,
  stopMarkerPath: null,
  metricsPort: 2381,
  symlinkPaths: [],
  remedyRungs: [],
  source: "docs.rke2.io (architecture, reference/server_config)",
};
