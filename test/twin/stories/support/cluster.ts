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
  /** Nodes whose kubelite did not outlive the pause: their feed may have been dead too, and was revived. */
  readonly revived: readonly NodeName[];
  /** When the leader's process went on. */
  readonly resumedAtMs: number;
}

/**
 * Pauses of 26 s and more were seen to end the feeds of other nodes: the poll's own deadline is 20 s. At 30 s the
 * controller manager's renew deadline is over too, and its kubelite restarts by itself now and then.
 */
const PAUSE_S = 30;

/**
 * Pauses the leader; tries again until the feed of at least one other node is dead (one slow query decides) whose
 * kubelite went on living. The feeds of nodes whose kubelite did not are revived: above a dead feed it never gets ready.
 */
export async function freezeSomeFeed(attempts = 5): Promise<Freeze> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const leader = await waitFor("a leader", datastoreLeader, { timeoutMs: 30_000 });
    const before = new Map(
      await Promise.all(NODES.map(async (node) => [node, await invocationId(node, KUBELITE_UNIT)] as const)),
    );
    const { resumedAtMs } = await faults.pauseDatastore(leader, PAUSE_S);
    // A Lease that was lost in the pause ends its kubelite within seconds of the store's return.
    await sleep(5000);
    const dead: NodeName[] = [];
    const revived: NodeName[] = [];
    for (const node of others(leader)) {
      const isSteady = (await invocationId(node, KUBELITE_UNIT)) === before.get(node);
      if (isSteady && (await isFeedDead(node))) dead.push(node);
      if (isSteady) continue;
      revived.push(node);
      await reviveDatastore(node);
    }
    if (dead.length > 0) return { leader, dead, revived, resumedAtMs };
    await waitUntilWhole();
  }
  throw new Error(`no feed died beside a living kubelite in ${attempts} pauses of the leader`);
}

/** The cure by hand, for what a story does not want to look at. */
export async function reviveDatastore(node: NodeName): Promise<void> {
  await runOnNodeOk(node, ["systemctl", "restart", DQLITE_UNIT], { timeoutMs: 60_000 });
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

/** Everything as it was: faults undone, units started and no longer starting, all feeds alive. */
export async function makeWhole(): Promise<void> {
  await faults.undoAll();
  for (const node of NODES) {
    await runOnNodeOk(node, ["rm", "-f", "/var/snap/microk8s/current/var/lock/stopped.lock"]);
    for (const unit of [DQLITE_UNIT, KUBELITE_UNIT]) await faults.startUnit(node, unit);
  }
  const well = await Promise.all(NODES.map(isWell));
  if (well.includes(false)) await sleep(START_MS);
  for (const node of NODES.filter((_, index) => well[index] === false)) {
    if (await isWell(node)) continue;
    // Above a dead feed an apiserver that was restarted never gets ready: the datastore first.
    await reviveDatastore(node);
    await sleep(START_MS);
  }
  await waitUntilWhole();
  await waitUntilOlderThan(STARTED_MS);
}

async function isWell(node: NodeName): Promise<boolean> {
  return isFeedDead(node).then(
    (isDead) => !isDead,
    () => false,
  );
}

/** The wrapper's 6 s, and some for the store and the apiserver. */
const START_MS = 12_000;

/** The other nodes, in their order. */
export function others(node: NodeName): readonly NodeName[] {
  return NODES.filter((one) => one !== node);
}

/**
 * The guard lets no restart happen within a minute of another node's: waits until every unit of every node is older
 * than that (a pause of the leader may end a kubelite by its lost Lease).
 */
export function waitUntilStable(): Promise<void> {
  return waitUntilOlderThan(STABLE_MS);
}

/** The guard's minute, and a little for the clocks' coarse seconds. */
const STABLE_MS = 63_000;

/** For so long doctor calls a unit starting (degraded), and a little more. */
const STARTED_MS = 17_000;

function waitUntilOlderThan(ageMs: number): Promise<void> {
  return waitUntil(
    `units that are older than ${ageMs / 1000} s`,
    async () => {
      const ages = await Promise.all(
        NODES.flatMap((node) => [DQLITE_UNIT, KUBELITE_UNIT].map((unit) => activeForMs(node, unit))),
      );
      return ages.every((age) => age > ageMs);
    },
    { timeoutMs: 240_000, everyMs: 1000 },
  );
}

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
