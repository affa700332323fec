import type { NodeName } from "../../../src/core/model/observation.ts";
import type { World } from "../../world/world.ts";
import { ask, endClient, startClient } from "../client.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const NAME = "busy";

/** Writes one ConfigMap of that size again and again through the first node that answers, until the end. */
export function writeConfigMaps(
  world: World,
  through: readonly NodeName[],
  { everyMs, bytes }: { readonly everyMs: number; readonly bytes: number },
): () => void {
  const client = startClient(world, "busy-writer");
  // One text for all: a stored value is shared, and only its size matters to the stream.
  const filling = "x".repeat(bytes);
  let written = 0;
  const write = (): void => {
    const node = through[written % through.length];
    if (node === undefined) return;
    written += 1;
    const data = { written: String(written), filling };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: NAME, namespace: "default" }, data };
    const patch = {
      method: "PATCH",
      path: `${PATH}/${NAME}`,
      contentType: "application/merge-patch+json",
      body: { data },
    } as const;
    ask(world, client, node, patch, (response) => {
      if (response?.status === 404) ask(world, client, node, { method: "POST", path: PATH, body });
    });
  };
  client.every(everyMs, write);
  write();
  return () => {
    endClient(client);
    const [node] = through;
    if (node !== undefined)
      ask(world, startClient(world, "busy-cleanup"), node, { method: "DELETE", path: `${PATH}/${NAME}` });
  };
}
