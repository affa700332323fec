import {
  DQLITE_UNIT,
  datastoreLeader,
  faults,
  KUBELITE_UNIT,
  kube,
  LEASES,
  listRevision,
  NODES,
  type NodeName,
  runOnNodeOk,
  sleep,
  waitFor,
  waitUntil,
  waitUntilWhole,
} from "../../lib/twin.ts";

/** What must not change when another node is cured. */
export interface Identity {
  readonly datastore: string;
  readonly kubelite: string;
  readonly apiserverPid: number | undefined;
}

/** InvocationIDs of a node's units, and the pid of its apiserver as the host sees it. */
export async function identityOf(node: NodeName): Promise<Identity> {
  const [datastore, kubelite] = await Promise.all([DQLITE_UNIT, KUBELITE_UNIT].map((unit) => invocationId(node, unit)));
  return { datastore: datastore ?? "", kubelite: kubelite ?? "", apiserverPid: faults.apiserverProcess(node)?.pid };
}

/** The unit's InvocationID: new at each start. */
export async function invocationId(node: NodeName, unit: string): Promise<string> {
  return (await runOnNodeOk(node, ["systemctl", "show", "--property=InvocationID", "--value", unit])).trim();
}

/** How often systemd started the unit since `since` (its own journal message for it). */
export async function startsSince(node: NodeName, unit: string, since: string): Promise<number> {
  // SD_MESSAGE_UNIT_STARTED of systemd's catalogue.
  const match = ["MESSAGE_ID=39f53479d3a045ac8e11786248231fbf", `UNIT=${unit}`];
  const text = await runOnNodeOk(node, [
    "journalctl",
    "--quiet",
    "--no-pager",
    "-o",
    "cat",
    `--since=${since}`,
    ...match,
  ]);
  return text.split("\n").filter((line) => line !== "").length;
}

/** Now, as journalctl's --since takes it. */
export function journalNow(): string {
  return `@${Math.floor(Date.now() / 1000)}`;
}

/** Whether the node's feed is dead, asked without the product: Leases from the cache stand still below the store. */
export async function isFeedDead(node: NodeName): Promise<boolean> {
  const before = await listRevision(node, LEASES, "cache");
  await sleep(4000);
  const [cache, store] = [await listRevision(node, LEASES, "cache"), await listRevision(node, LEASES, "store", 8)];
  return cache === before && store > cache;
}

export interface Freeze {
  readonly leader: NodeName;
  readonly dead: readonly NodeName[];
  /** When the leader's process went on. */
  readonly resumedAtMs: number;
}

/** A pause of this length was seen to end the feed of other nodes: the poll's own deadline is 20 s. */
const PAUSE_S = 30;

/** Pauses the leader; tries again until the feed of at least one other node is dead (one slow query decides). */
export async function freezeSomeFeed(attempts = 4): Promise<Freeze> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const leader = await waitFor("a leader", datastoreLeader, { timeoutMs: 30_000 });
    const { resumedAtMs } = await faults.pauseDatastore(leader, PAUSE_S);
    await waitUntilServed();
    const others = NODES.filter((node) => node !== leader);
    const dead = await Promise.all(others.map(async (node) => ((await isFeedDead(node)) ? [node] : [])));
    if (dead.flat().length > 0) return { leader, dead: dead.flat(), resumedAtMs };
  }
  throw new Error(`no feed died in ${attempts} pauses of the leader`);
}

/** Every apiserver answers a read of its store again. */
export async function waitUntilServed(): Promise<void> {
  for (const node of NODES) {
    await waitUntil(
      `${node}: served reads`,
      async () => (await kube(node, `${LEASES}?limit=1`, { timeoutS: 8 })).status === 200,
      {
        timeoutMs: 120_000,
        everyMs: 500,
      },
    );
  }
}

/** Everything as it was: faults undone, units started, all feeds alive, and long enough ago for the guard. */
export async function makeWhole(): Promise<void> {
  await faults.undoAll();
  for (const node of NODES) {
    await runOnNodeOk(node, ["rm", "-f", "/var/snap/microk8s/current/var/lock/stopped.lock"]);
    for (const unit of [DQLITE_UNIT, KUBELITE_UNIT]) await faults.startUnit(node, unit);
  }
  await waitUntilWhole();
  for (const node of NODES) {
    if (!(await isFeedDead(node))) continue;
    await runOnNodeOk(node, ["systemctl", "restart", DQLITE_UNIT], { timeoutMs: 60_000 });
    await waitUntilWhole();
  }
}

/** The other nodes, in their order. */
export function others(node: NodeName): readonly NodeName[] {
  return NODES.filter((one) => one !== node);
}

/**
 * The guard lets no restart happen within a minute of another node's: waits until every unit of every node is older
 * than that (a pause of the leader may end a kubelite by its lost Lease).
 */
export async function waitUntilStable(): Promise<void> {
  await waitUntil(
    "units that are older than a minute",
    async () => {
      const ages = await Promise.all(
        NODES.flatMap((node) => [DQLITE_UNIT, KUBELITE_UNIT].map((unit) => activeForMs(node, unit))),
      );
      return ages.every((age) => age > STABLE_MS);
    },
    { timeoutMs: 240_000, everyMs: 2000 },
  );
}

/** The guard's minute, and a little for the clocks' coarse seconds. */
const STABLE_MS = 63_000;

async function activeForMs(node: NodeName, unit: string): Promise<number> {
  const since = await runOnNodeOk(node, [
    "systemctl",
    "show",
    "--property=ActiveEnterTimestampMonotonic",
    "--value",
    unit,
  ]);
  const [uptime] = (await runOnNodeOk(node, ["cat", "/proc/uptime"])).split(" ");
  return Number(uptime) * 1000 - Number(since) / 1000;
}
