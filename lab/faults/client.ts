import type { NodeName } from "../../src/core/model/observation.ts";
import { createProcess, type Process } from "../world/process.ts";
import type { ApiRequest, ApiResponse } from "../world/kube/apiserver.ts";
import { OPERATOR_MACHINE, type World } from "../world/world.ts";

/** Above the pids that hosts hand out, so that no journal line can be taken for a unit's. */
const CLIENT_PID = 4_000_000;

/** A program of a person or a tool, on the operator's machine: kubectl, Ansible, a scraper. The caller ends it. */
export function startClient(world: World, program: string): Process {
  return createProcess(world.sim, { node: OPERATOR_MACHINE, program, pid: CLIENT_PID });
}

/** Ends it as Ctrl-C does; safe to call twice. */
export function endClient(client: Process): void {
  client.end({ code: "killed", signal: "TERM" });
}

/** One request through the apiserver of `node`; `done` has null when there was no answer worth the name. */
export function ask(
  world: World,
  client: Process,
  node: NodeName,
  request: ApiRequest,
  done: (response: ApiResponse | null) => void = () => undefined,
): void {
  const asked = { userAgent: client.program, ...request };
  world.node(node).apiserver.request(client, asked, done, () => done(null));
}
