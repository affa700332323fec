import type { Profile } from "../profile.ts";

/** kubeadm with stacked etcd: all control-plane parts are static pods; a restart there means moving a manifest. */
export const kubeadm: Profile = {
  id: "kubeadm",
  title: "kubeadm",
  status: "planned",
  units: { datastore: null, kubelite: "kubelet" },
  // Client certificates: /etc/kubernetes/pki/etcd/{ca.crt,healthcheck-client.crt,healthcheck-client.key}
  datastore: { kind: "tcp", host: "127.0.0.1", port: 2379 },
  dqlite: null,
  kubeconfigPath: "/etc/kubernetes/admin.conf",
  apiserverPort: 6443,
  stopMarkerPath: null,
  metricsPort: 2381,
  symlinkPaths: [],
  remedyRungs: [],
  source: "kubernetes.io (setup/best-practices/certificates, kubeadm implementation details)",
};
