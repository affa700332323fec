import type { MemberName } from "../core/model/observation.ts";
import { emitSeen, every, type TapRun } from "./observe-node.ts";
import { TAP_TIMING as T } from "./tap-timing.ts";

/**
 * Nodes get this long to say that they ask their own member; then the first node that has a list asks the rest. A
 * frozen or unreachable node must not keep the others' voters from being counted.
 */
const OWN_FIRST_MS = 1500;

/**
 * Asks every member of the datastore once a second: each node its own, and the members of nodes that are not observed
 * or cannot be reached from the first node that lists them. Resolves when the signals abort.
 */
export async function observeMembers(runs: readonly TapRun[]): Promise<void> {
  const asking: Asking = { own: new Set(), others: new Set() };
  await Promise.all(runs.map((run) => observeListed(run, asking)));
}

interface Asking {
  /** Addresses that are asked on their own node. */
  readonly own: Set<string>;
  /** Addresses that another node asks. */
  readonly others: Set<string>;
}

async function observeListed(run: TapRun, asking: Asking): Promise<void> {
  const { taps, clock, signal } = run;
  let list = await taps.readMembers(T.unitDeadlineMs);
  while (!list.known && !signal.aborted) {
    emitSeen(run, taps.node, { kind: "member-list", reading: list });
    await clock.sleep(T.unitEveryMs, signal);
    list = await taps.readMembers(T.unitDeadlineMs);
  }
  if (!list.known) return;
  const { own, all } = list.value;
  emitSeen(run, taps.node, { kind: "member-list", reading: { known: true, value: all.length } });
  const loops: Promise<void>[] = [];
  if (own !== null) {
    asking.own.add(own.address);
    loops.push(every(run, T.memberEveryMs, () => ask(run, own, true)));
  }
  await clock.sleep(OWN_FIRST_MS, signal);
  for (const member of all) {
    if (asking.own.has(member.address) || asking.others.has(member.address)) continue;
    asking.others.add(member.address);
    loops.push(every(run, T.memberEveryMs, () => askForOther(run, member, asking)));
  }
  await Promise.all(loops);
}

async function askForOther(run: TapRun, member: MemberName, asking: Asking): Promise<void> {
  if (!asking.own.has(member.address)) await ask(run, member, false);
}

async function ask(run: TapRun, member: MemberName, own: boolean): Promise<void> {
  const reading = await run.taps.askMember(member, T.memberDeadlineMs);
  emitSeen(run, run.taps.node, { kind: "dqlite", member, own, reading });
}
