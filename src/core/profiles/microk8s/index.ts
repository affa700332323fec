import type { Profile } from "../profile.ts";

/** `$SNAP_DATA` by its symbolic link; the link's target changes with each revision of the snap. */
const SNAP_DATA = "/var/snap/microk8s/current";
const BACKEND = `${SNAP_DATA}/var/kubernetes/backend`;

/** MicroK8s with HA (dqlite), classic and strict snap alike. */
export const microk8s: Profile = {
  id: "microk8s",
  title: "MicroK8s",
  status: "supported",
  units: { datastore: "snap.microk8s.daemon-k8s-dqlite", kubelite: "snap.microk8s.daemon-kubelite" },
  // The file's name has a colon: `--listen=unix://…/kine.sock:12379` is taken literally by k8s-dqlite.
  datastore: { kind: "unix", path: `${BACKEND}/kine.sock:12379` },
  dqlite: {
    port: 19001,
    clusterPath: `${BACKEND}/cluster.yaml`,
    infoPath: `${BACKEND}/info.yaml`,
    certificatePath: `${BACKEND}/cluster.crt`,
    keyPath: `${BACKEND}/cluster.key`,
  },
  kubeconfigPath: `${SNAP_DATA}/credentials/client.config`,
  apiserverPort: 16443,
  stopMarkerPath: `${SNAP_DATA}/var/lock/stopped.lock`,
  metricsPort: 9042,
  symlinkPaths: [SNAP_DATA],
  remedyRungs: ["feed", "cache"],
  source: "canonical/microk8s: snap/snapcraft.yaml, microk8s-resources/default-args, wrappers/run-k8s-dqlite-with-args",
};
