import { randomBytes, randomInt } from "node:crypto";
import type { LogLine, SimDriver } from "../sim/sim.ts";
import { createWarmWorld } from "../world/warm-world.ts";
import type { ClusterSpec, World } from "../world/world.ts";
import { isLabRunning } from "./control/client.ts";
import { type ControlActs, openControl } from "./control/server.ts";
import { createLabFaults, type LabFaults } from "./faults.ts";
import { type ServedNodes, serveNodes } from "./nodes.ts";
import { createKey } from "./ssh/keys.ts";
import { createCertificates } from "./state/certificates.ts";
import { LabError, pathsIn, prepareDirectory, removeDirectory } from "./state/directory.ts";
import { type NodeAddresses, writeStateFiles } from "./state/files.ts";
import { type LabStatus, statusOf } from "./status.ts";
import { type RealTime, startRealTime } from "./time/real-time.ts";
import { choosePort } from "./wire/door.ts";

export interface LabOptions {
  readonly directory: string;
  /** Control-plane nodes. */
  readonly nodes: number;
  readonly release: ClusterSpec["release"];
  readonly workload: ClusterSpec["workload"];
  /** Simulated seconds per second. */
  readonly speed: number;
  /** Drawn when absent. */
  readonly seed?: number;
  readonly onLog?: (line: LogLine) => void;
  /** More that the control socket can be asked. */
  readonly acts?: ControlActs;
  /** The control socket asked for the end. */
  readonly onDown?: () => void;
  /** A bug in the world. */
  readonly onFailure: (error: unknown) => void;
}

/** A lab that serves. */
export interface Lab {
  readonly directory: string;
  readonly seed: number;
  readonly world: World;
  readonly time: RealTime;
  readonly faults: LabFaults;
  readonly addresses: readonly NodeAddresses[];
  status(): LabStatus;
  /** Ends it and removes its directory. */
  close(): void;
}

/** Node i listens on 127.0.0.(10 + i): Linux answers on all of 127.0.0.0/8. */
const FIRST_ADDRESS = 11;
const NODES_MAX = 9;

/** sshd's own port is not for everybody to bind. */
const PORTS = { kube: 16443, dqlite: 19001, ssh: 2222 } as const;

/** Starts the emulated cluster in real time behind real sockets. Throws LabError. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { directory } = options;
  if (options.nodes < 1 || options.nodes > NODES_MAX) throw new LabError(`a lab has 1 to ${NODES_MAX} nodes`);
  if (await isLabRunning(directory))
    throw new LabError(`a lab runs in ${directory} already; end it with quorate lab down, or give another --dir`);
  prepareDirectory(directory);
  const addresses = await chooseAddresses(options.nodes);
  const seed = options.seed ?? randomInt(2 ** 31);
  const spec: ClusterSpec = {
    nodes: addresses.map(({ name, address }) => ({ name, address })),
    release: options.release,
    workload: options.workload,
  };
  const onLog = options.onLog === undefined ? {} : { onLog: options.onLog };
  const { driver, world } = await createWarmWorld({ seed, startMs: Date.now(), spec, ...onLog });
  return serveWorld(options, { driver, world, addresses, seed });
}

async function serveWorld(
  options: LabOptions,
  {
    driver,
    world,
    addresses,
    seed,
  }: { driver: SimDriver; world: World; addresses: readonly NodeAddresses[]; seed: number },
): Promise<Lab> {
  const { directory, speed } = options;
  const certificates = createCertificates(addresses, Date.now());
  const state = {
    directory,
    certificates,
    hostKey: createKey(),
    loginKey: createKey(),
    viewerToken: randomBytes(16).toString("hex"),
  };
  writeStateFiles({ ...state, nodes: addresses });
  const time = startRealTime({ driver, speed, onFailure: options.onFailure });
  const faults = createLabFaults(world);
  const served: ServedNodes = serveNodes({ ...state, world, time, addresses });
  const status = (): LabStatus => ({
    release: world.release.title,
    speed,
    nowMs: world.sim.nowMs(),
    directory,
    leader: world.dqlite.leader(),
    revision: world.table.revision,
    connections: served.connections,
    nodes: world.nodes.map((node, at) =>
      statusOf(world, node, `https://${addresses[at]?.address}:${addresses[at]?.kubePort}`),
    ),
    faults: faults.active(),
  });
  const control = await openControl({
    path: pathsIn(directory).control,
    time,
    faults,
    status,
    down: () => options.onDown?.(),
    ...(options.acts === undefined ? {} : { acts: options.acts }),
  });
  return {
    directory,
    seed,
    world,
    time,
    faults,
    addresses,
    status,
    close: () => {
      time.stop();
      control.close();
      served.close();
      removeDirectory(directory);
    },
  };
}

async function chooseAddresses(count: number): Promise<readonly NodeAddresses[]> {
  const chosen: NodeAddresses[] = [];
  for (let at = 0; at < count; at += 1) {
    const address = `127.0.0.${FIRST_ADDRESS + at}`;
    try {
      const kubePort = await choosePort(address, PORTS.kube);
      const sshPort = await choosePort(address, PORTS.ssh);
      const dqlitePort = await choosePort(address, PORTS.dqlite);
      chosen.push({ name: `k8s${String(at + 1).padStart(2, "0")}`, address, kubePort, sshPort, dqlitePort });
    } catch (error) {
      throw new LabError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
  return chosen;
}
