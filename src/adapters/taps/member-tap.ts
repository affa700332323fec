import type { MemberName } from "../../core/model/observation.ts";
import { known, type Reading, unknown } from "../../core/model/observed.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import type { MemberList, NodeTaps } from "../../ports/node-taps.ts";
import { parseAddress } from "../dqlite/address.ts";
import { askMember } from "../dqlite/client.ts";
import { parseNodeInfo, parseServerList } from "../dqlite/server-list.ts";
import type { ClusterCertificate } from "../dqlite/tls.ts";

/** The dqlite taps of one node: who the members are, and what each says. */
export function createMemberTap(access: NodeAccess, profile: Profile): Pick<NodeTaps, "readMembers" | "askMember"> {
  let certificate: ClusterCertificate | null = null;

  /** Read once and kept in memory until it is refused: it changes only when the whole cluster is re-certified. */
  async function readCertificate(deadlineMs: number): Promise<Reading<ClusterCertificate>> {
    if (certificate !== null) return known(certificate);
    if (profile.dqlite === null) return notDqlite(profile);
    const [crt, key] = await Promise.all([
      access.readFile(profile.dqlite.certificatePath, { deadlineMs }),
      access.readFile(profile.dqlite.keyPath, { deadlineMs }),
    ]);
    if (!crt.known) return crt;
    if (!key.known) return key;
    certificate = { certificate: crt.value, key: key.value };
    return known(certificate);
  }

  return {
    readMembers: (deadlineMs) => readMembers(access, profile, deadlineMs),
    askMember: async (member: MemberName, deadlineMs) => {
      const pair = await readCertificate(deadlineMs);
      if (!pair.known) return pair;
      const target = parseAddress(member.address);
      if (target === null) return unknown("protocol", `"${member.address}" is no dqlite address`);
      const answer = await askMember({
        connect: () => access.connect(target, deadlineMs),
        tls: pair.value,
        address: member.address,
        deadlineMs,
      });
      // The cluster may have got a new certificate while we watch.
      if (!answer.known && answer.reason === "tls") certificate = null;
      return answer;
    },
  };
}

async function readMembers(access: NodeAccess, profile: Profile, deadlineMs: number): Promise<Reading<MemberList>> {
  if (profile.dqlite === null) return notDqlite(profile);
  const [list, info] = await Promise.all([
    access.readFile(profile.dqlite.clusterPath, { deadlineMs }),
    access.readFile(profile.dqlite.infoPath, { deadlineMs }),
  ]);
  if (!list.known) return list;
  const servers = parseServerList(list.value.toString("utf8"));
  if (!servers.known) return servers;
  const own = info.known ? parseNodeInfo(info.value.toString("utf8")) : info;
  const all = servers.value.map(({ id, address }) => ({ id, address }));
  return known({ own: own.known ? { id: own.value.id, address: own.value.address } : null, all });
}

function notDqlite(profile: Profile): Reading<never> {
  return unknown("not-configured", `${profile.title} does not use dqlite`);
}
