import { CACHED_RESOURCES, resourceName } from "../../src/app/kube/cached-resources.ts";
import { createLeaseLock } from "../../src/app/kube/lease-lock.ts";
import { readLease } from "../../src/app/kube/lease-read.ts";
import { readCachePair } from "../../src/app/kube/reads.ts";
import { readReadyz } from "../../src/app/kube/readyz.ts";
import type { NodeName, UnitRole } from "../../src/core/model/observation.ts";
import { known, type Reading, unknown } from "../../src/core/model/observed.ts";
import type { NodeTaps } from "../../src/ports/node-taps.ts";
import type { RestartLock } from "../../src/ports/restart-lock.ts";
import type { Sim } from "../sim/sim.ts";
import type { Process } from "../world/process.ts";
import { STOP_MARKER_PATH } from "../world/units.ts";
import { UNITS, type World } from "../world/world.ts";
import { askMember, readMembers } from "./member-taps.ts";
import type { NewQuorateEvent } from "./events.ts";
import { countLockErrors } from "./journal-tap.ts";
import { createLabKubeApi } from "./kube-api.ts";
import { createLife } from "./life.ts";
import { createReach } from "./reach.ts";
import { createReadNotes, type ReadNotes } from "./read-log.ts";
import { restartTap } from "./restart-tap.ts";
import { openLeaseWatch, readRevision } from "./store-taps.ts";

export interface LabTapsOptions {
  readonly sim: Sim;
  readonly world: World;
  /** The Quorate process that looks; its node is where it runs. */
  readonly process: Process;
  /** The node that is looked at. */
  readonly node: NodeName;
  /** Default `quorate`: its name on the emulated systemd, `NAME` of `quorate/NAME`, and in events. */
  readonly by?: string;
  readonly onEvent?: (event: NewQuorateEvent) => void;
  /** Shared by the taps of one process. */
  readonly notes?: ReadNotes;
  /** k8s-dqlite's metrics are off by default on MicroK8s. */
  readonly hasMetrics?: boolean;
}

/** All taps of one emulated node, seen from a Quorate process: through the network, each read with its deadline. */
export function createLabTaps(options: LabTapsOptions): NodeTaps {
  const { sim, world, process, by = "quorate", onEvent = () => undefined, notes = createReadNotes(sim) } = options;
  const node = world.node(options.node);
  const { host, name } = node;
  const life = createLife({ sim, world, process });
  const reach = createReach({ sim, network: world.network, life, node });
  const scene = { sim, world, life, reach, node };
  const kube = createLabKubeApi({
    ...scene,
    onWrite: ({ method, path }) => onEvent({ kind: "write", node: name, method, path }),
  });
  const resources = new Map(CACHED_RESOURCES.map((resource) => [resourceName(resource), resource]));

  function command<T>(what: string, deadlineMs: number, run: () => Reading<T>): Promise<Reading<T>> {
    return reach.read<T>(`${name}: ${what}`, deadlineMs, (answer) =>
      reach.onNode((back) => {
        const reading = run();
        back(() => answer(reading));
      }),
    );
  }

  /** The unit's start by our clock, as the real tap shifts it. */
  function readUnit(role: UnitRole): Reading<ReturnType<typeof host.systemd.state>> {
    const state = host.systemd.state(UNITS[role]);
    if (state.activeEnterAtMs === null) return known(state);
    const shiftMs = life.clock.nowMs() - host.clock.nowMs();
    return known(shiftMs === 0 ? state : { ...state, activeEnterAtMs: state.activeEnterAtMs + shiftMs });
  }

  return {
    node: name,
    shellPrefix: reach.isLocal ? "" : `ssh ${name} `,
    readUnit: (role, deadlineMs) =>
      notes.note(
        `${name} unit ${role}`,
        command(`systemctl show ${UNITS[role]}`, deadlineMs, () => readUnit(role)),
      ),
    readStopMarker: (deadlineMs) =>
      notes.note(
        `${name} marker`,
        command("looking for the stop marker", deadlineMs, () => known(host.files.has(STOP_MARKER_PATH))),
      ),
    readMembers: (deadlineMs) => command("reading cluster.yaml", deadlineMs, () => known(readMembers(scene))),
    askMember: (member, deadlineMs) => notes.note(`member ${member.address}`, askMember(scene, member, deadlineMs)),
    readRevision: (deadlineMs) => notes.note(`${name} store`, readRevision(scene, deadlineMs)),
    watchLeases: (handlers) => openLeaseWatch(scene, handlers),
    cachedResources: [...resources.keys()],
    readCache: async (resource, deadlineMs) => {
      const found = resources.get(resource);
      if (found === undefined) return unknown("not-configured", `no resource ${resource}`);
      return notes.note(`${name} cache ${resource}`, readCachePair(kube, found, deadlineMs));
    },
    readLease: (namespace, lease, deadlineMs) => readLease(kube, namespace, lease, deadlineMs),
    readReadyz: (deadlineMs) => readReadyz(kube, deadlineMs),
    readMetrics: async (deadlineMs) => {
      if (options.hasMetrics !== true || !world.release.hasMetrics) {
        return unknown("not-configured", `${name}: nobody listens there, so --metrics is off`);
      }
      return command("GET /metrics", deadlineMs, () => known(node.datastore.counters()));
    },
    countLockErrors: (windowMs, deadlineMs) =>
      command("journalctl", deadlineMs, () => known(countLockErrors(host, windowMs))),
    lock: notedLock(
      name,
      notes,
      onEvent,
      createLeaseLock(kube, () => sim.random("quorate micros").between(0, 999_999)),
    ),
    restart: restartTap({ ...scene, by, onEvent, reads: notes.log }),
    close: () => Promise.resolve(),
  };
}

/** The production lock, with what it did told. */
function notedLock(
  node: NodeName,
  notes: ReadNotes,
  onEvent: (event: NewQuorateEvent) => void,
  lock: RestartLock,
): RestartLock {
  return {
    read: (deadlineMs) => notes.note(`${node} lock`, lock.read(deadlineMs)),
    take: async (holder, deadlineMs) => {
      const result = await lock.take(holder, deadlineMs);
      onEvent({ kind: "lock-take", node, holder, result });
      return result;
    },
    release: async (holder, deadlineMs) => {
      const isReleased = await lock.release(holder, deadlineMs);
      onEvent({ kind: "lock-release", node, holder, isReleased });
      return isReleased;
    },
  };
}
