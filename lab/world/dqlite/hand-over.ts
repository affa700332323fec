import type { Sim } from "../../sim/sim.ts";
import type { Network } from "../network.ts";
import { isConnected, isVoter, type Member } from "./members.ts";
import { printLine } from "./lines.ts";
import type { Raft } from "./raft.ts";
import { handRoleOver } from "./roles.ts";

/** A stop of k8s-dqlite with nothing in its way takes 0.2 to 2 s; what follows the handover is its caller's. */
const STOP_MS = { min: 100, max: 500 } as const;

/** k8s-dqlite gives the whole stop that long, then goes without handing over. */
const BUDGET_MS = 30_000;

/** How often it looks for a leader meanwhile. */
const RETRY_MS = 1000;

/** The other's first heartbeats come back. */
const SETTLE_MS = 20;

/** The graceful stop of one member: leadership first, then the voter role where another one can take it. */
export function createHandOver(sim: Sim, network: Network, raft: Raft, member: Member): (done: () => void) => void {
  const random = sim.random(`dqlite stop ${member.node}`);
  return (done) => {
    const { process } = member;
    if (process === null) return done();
    const untilMs = sim.nowMs() + BUDGET_MS;
    const leave = () => {
      handRoleOver(raft, network, member);
      done();
    };
    const attempt = (): void => {
      if (raft.leader() === null && sim.nowMs() < untilMs) {
        process.after(RETRY_MS, attempt);
      } else if (raft.leader() === null) {
        printLine(member.host, process, "error", "failed to handover dqlite", {
          error: "no available dqlite leader server found",
        });
        done();
      } else {
        giveLeadership(() => process.after(SETTLE_MS, leave));
      }
    };
    const giveLeadership = (given: () => void): void => {
      const heir = raft.members.find(
        (other) => other !== member && isVoter(other) && other.isSynced && isConnected(network, member, other),
      );
      if (raft.leader() !== member || heir === undefined) given();
      else raft.transfer(member, heir, given);
    };
    process.after(random.between(STOP_MS.min, STOP_MS.max), attempt);
  };
}
