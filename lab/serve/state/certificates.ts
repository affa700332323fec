import { createAuthority, issue, type Pair, selfSigned } from "../pki/certificate.ts";

export interface Certificates {
  readonly ca: string;
  readonly server: Pair;
  /** `system:masters`. */
  readonly admin: Pair;
  /** What all dqlite members share. */
  readonly cluster: Pair;
}

const SERVICE_NAMES = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "localhost",
  "127.0.0.1",
  "10.152.183.1",
];

/** Everything that the cluster's TLS needs, made anew for each lab. The clock is the machine's: its programs check by it. */
export function createCertificates(
  nodes: readonly { readonly name: string; readonly address: string }[],
  nowMs: number,
): Certificates {
  const authority = createAuthority({ commonName: "quorate-lab-ca" }, nowMs);
  const addresses = nodes.map(({ address }) => address);
  const server = issue(
    authority,
    { subject: { commonName: "kube-apiserver" }, usage: "server", names: [...SERVICE_NAMES, ...addresses] },
    nowMs,
  );
  const admin = issue(
    authority,
    { subject: { commonName: "admin", organization: "system:masters" }, usage: "client" },
    nowMs,
  );
  return {
    ca: authority.certificate,
    server,
    admin,
    cluster: selfSigned({ commonName: "k8s" }, [nodes[0]?.name ?? "k8s", "127.0.0.1", ...addresses], nowMs),
  };
}
