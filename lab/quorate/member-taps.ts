import type { DqliteMember, MemberName } from "../../src/core/model/observation.ts";
import { known, type Reading, unknown } from "../../src/core/model/observed.ts";
import type { MemberList } from "../../src/ports/node-taps.ts";
import { createProcess, type Process } from "../world/process.ts";
import type { World } from "../world/world.ts";
import type { TapScene } from "./scene.ts";

/** cluster.yaml and info.yaml, which are there also while the member is down. */
export function readMembers({ node }: TapScene): MemberList {
  const { id, address, servers } = node.member.state();
  return { own: { id, address }, all: servers.map((server) => ({ id: server.id, address: server.address })) };
}

/** Asks a member from the node: the node's sshd makes the connection, or Quorate itself when it runs there. */
export function askMember(scene: TapScene, member: MemberName, deadlineMs: number): Promise<Reading<DqliteMember>> {
  const { world, life, reach } = scene;
  return reach.read<DqliteMember>(member.address, deadlineMs, (answer) => {
    if (reach.isLocal) return dial(world, life.process, member, answer);
    reach.onNode((back) => dial(world, sshdOf(scene), member, (reading) => back(() => answer(reading))));
  });
}

function dial(
  world: World,
  from: Process,
  { address }: MemberName,
  answer: (reading: Reading<DqliteMember>) => void,
): void {
  const target = world.nodes.find((one) => one.member.state().address === address);
  // Nobody has that address: the packets go nowhere, and the deadline tells.
  if (target === undefined || !target.host.isUp) return;
  world.network.call<DqliteMember>({
    from,
    to: target.member.port,
    serve: (reply) => {
      const { leader, servers } = target.member.state();
      reply({ address, leader, servers });
    },
    answered: (value) => answer(known(value)),
    refused: (why) => {
      if (!target.host.isUp) return;
      const reason = why === "connection-refused" ? "connection-refused" : "protocol";
      answer(
        unknown(reason, `${address}: ${why === "connection-refused" ? "connection refused" : "the answer broke off"}`),
      );
    },
  });
}

const sshds = new WeakMap<World, Map<string, Process>>();

/** The node's sshd, one in each boot. */
function sshdOf({ sim, world, node }: TapScene): Process {
  let known = sshds.get(world);
  if (known === undefined) sshds.set(world, (known = new Map()));
  const key = `${node.name} ${node.host.bootedAtMs}`;
  let found = known.get(key);
  if (found === undefined) {
    found = createProcess(sim, { node: node.name, program: "sshd", pid: node.host.nextPid() });
    known.set(key, found);
  }
  return found;
}
