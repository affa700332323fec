import type { DqliteServer } from "../../../src/core/model/observation.ts";
import { ROLES } from "../dqlite/messages.ts";
import type { LabNode } from "../../world/world.ts";
import type { Certificates } from "../state/certificates.ts";
import { nodeKubeconfig } from "../state/files.ts";

/** `$SNAP_DATA` by its symbolic link and by what that is now: paths are asked for by either. */
const SNAP_DATA = /^\/var\/snap\/microk8s\/(?:current|6787)\//;

const BACKEND = "var/kubernetes/backend";
export const KINE_SOCKET = `${BACKEND}/kine.sock:12379`;

/** The path below `$SNAP_DATA`; null for any other. */
export function snapPath(path: string): string | null {
  return SNAP_DATA.test(path) ? path.replace(SNAP_DATA, "") : null;
}

/** Files that the node's MicroK8s keeps; undefined: there is none of that name. */
export function backendFile({ member }: LabNode, certificates: Certificates, path: string): string | undefined {
  switch (snapPath(path) ?? "") {
    case `${BACKEND}/cluster.crt`:
      return certificates.cluster.certificate;
    case `${BACKEND}/cluster.key`:
      return certificates.cluster.key;
    case `${BACKEND}/cluster.yaml`:
      return member
        .state()
        .servers.map((server) => `- ${serverYaml(server, "  ")}`)
        .join("");
    case `${BACKEND}/info.yaml`:
      return serverYaml(member.state(), "");
    case "credentials/client.config":
      return nodeKubeconfig(certificates);
    case "certs/ca.crt":
      return certificates.ca;
    default:
      return undefined;
  }
}

/** As go-dqlite writes a NodeInfo. */
function serverYaml({ id, address, role }: Pick<DqliteServer, "id" | "address" | "role">, indent: string): string {
  return `Address: ${address}\n${indent}ID: ${id}\n${indent}Role: ${ROLES.indexOf(role)}\n`;
}
