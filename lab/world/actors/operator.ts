import type { NodeName } from "../../../src/core/model/observation.ts";
import { apiPath, resourceNamed } from "../kube/resources.ts";
import { OPERATOR_MACHINE, type World } from "../world.ts";
import { overSsh } from "./ssh.ts";

/** What an operator does by hand. Nothing asks anybody, as in the runbook that the project starts from. */

/** `ssh NODE sudo systemctl restart UNIT`; `done` when ssh returns: the old process has ended, the new one only begins. */
export function operatorRestart(world: World, node: NodeName, unit: string, done: () => void = nothing): void {
  const client = world.host(OPERATOR_MACHINE).spawn("ssh");
  overSsh(world, {
    client,
    node,
    run: (host, finish) => host.systemd.restart(unit, "operator", finish),
    ended: () => {
      client.end({ code: "exited", status: 0 });
      done();
    },
  });
}

/** `kubectl cordon` or `uncordon`, through the apiserver of `through` (the node's own when absent); `done` tells whether it was written. */
export function operatorCordon(
  world: World,
  {
    node,
    isCordoned,
    through = node,
  }: { readonly node: NodeName; readonly isCordoned: boolean; readonly through?: NodeName },
  done: (isWritten: boolean) => void = nothing,
): void {
  const client = world.host(OPERATOR_MACHINE).spawn("kubectl");
  const path = apiPath(resourceNamed("nodes"), null, node);
  const body = { spec: { unschedulable: isCordoned ? true : null } };
  const finish = (isWritten: boolean) => {
    client.end({ code: "exited", status: isWritten ? 0 : 1 });
    done(isWritten);
  };
  world.node(through).apiserver.request(
    client,
    { method: "PATCH", path, body, contentType: "application/merge-patch+json", userAgent: "kubectl" },
    ({ status }) => finish(status === 200),
    () => finish(false),
  );
}

function nothing(): void {
  // Nobody waits for it.
}
