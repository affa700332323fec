import type { Process } from "../world/process.ts";
import { type LabNode, OPERATOR_MACHINE, type World } from "../world/world.ts";
import { accept, type Dialer } from "./connect.ts";
import { createMemberServer } from "./dqlite/serve.ts";
import { createEtcdServer } from "./etcd/serve.ts";
import { type User, VIEWER } from "./kube/access.ts";
import { createKubeServer } from "./kube/server.ts";
import { createMetricsServer } from "./metrics/serve.ts";
import { backendFile, KINE_SOCKET, snapPath } from "./node/backend-files.ts";
import type { Machine } from "./node/machine.ts";
import { serveLogin } from "./node/sshd.ts";
import { listenerOf, type Service, type Services } from "./service.ts";
import type { SshKey } from "./ssh/keys.ts";
import type { Certificates } from "./state/certificates.ts";
import { pathsIn } from "./state/directory.ts";
import type { NodeAddresses } from "./state/files.ts";
import type { RealTime } from "./time/real-time.ts";
import { createDoor, type Door } from "./wire/door.ts";
import { createWiring } from "./wire/wire.ts";

/** Ports on a node, as MicroK8s has them. */
const PORT = { kube: 16443, dqlite: 19001, metrics: 9042 } as const;

export interface ServedNodesOptions {
  readonly world: World;
  readonly time: RealTime;
  readonly directory: string;
  readonly certificates: Certificates;
  readonly hostKey: SshKey;
  readonly loginKey: SshKey;
  readonly viewerToken: string;
  readonly addresses: readonly NodeAddresses[];
}

/** Everything of the nodes that sockets reach. */
export interface ServedNodes {
  /** Byte streams that are open now. */
  readonly connections: number;
  close(): void;
}

/** Opens each node's API, dqlite port, kine.sock and sshd to this machine, as its processes come and go. */
export function serveNodes(options: ServedNodesOptions): ServedNodes {
  const { world, time, certificates } = options;
  const wiring = createWiring(time, world.network);
  const tokens = new Map<string, User>([[options.viewerToken, VIEWER]]);
  const served = world.nodes.map((node) => servicesOf(node, options, tokens));
  const byAddress = new Map(served.map((one) => [one.node.address, one]));
  const byName = new Map(served.map((one) => [one.node.name, one]));
  const services: Services = {
    tcp: (address, port) => byAddress.get(address)?.tcp.get(port) ?? null,
    unix: (node, path) => (snapPath(path) === KINE_SOCKET ? (byName.get(node)?.kine ?? null) : null),
  };
  const dialer: Dialer = { world, time, wiring, services };
  const doors = served.flatMap(({ node, tcp, kine }, at) => {
    const where = options.addresses[at];
    if (where === undefined) throw new Error(`${node.name} has no addresses`);
    const machine = machineOf(world, node, kine, certificates);
    return [
      serviceDoor(
        dialer,
        tcp.get(PORT.kube) as Service,
        { host: where.address, port: where.kubePort },
        OPERATOR_MACHINE,
      ),
      serviceDoor(
        dialer,
        tcp.get(PORT.dqlite) as Service,
        { host: where.address, port: where.dqlitePort },
        OPERATOR_MACHINE,
      ),
      serviceDoor(dialer, kine, { path: pathsIn(options.directory).kine(node.name) }, node.name),
      sshDoor(dialer, machine, where, options),
    ];
  });
  time.onAdvance(() => {
    for (const door of doors) door.follow();
  });
  for (const door of doors) door.follow();
  return {
    get connections() {
      return wiring.count;
    },
    close: () => {
      for (const door of doors) door.close();
    },
  };
}

interface NodeServices {
  readonly node: LabNode;
  readonly tcp: ReadonlyMap<number, Service>;
  readonly kine: Service;
}

function servicesOf(node: LabNode, options: ServedNodesOptions, tokens: ReadonlyMap<string, User>): NodeServices {
  const { time, world, certificates } = options;
  const { name, member, datastore, apiserver, host } = node;
  const spawnClient = (): Process => host.spawn("client");
  const kube = createKubeServer({
    time,
    apiserver,
    release: world.release,
    certificate: certificates.server,
    clientCa: certificates.ca,
    tokens,
    spawnClient,
  });
  const etcd = createEtcdServer({ time, datastore, release: world.release, spawnClient });
  const services: [number, Service][] = [
    [PORT.kube, { node: name, port: apiserver.port, serve: kube }],
    [PORT.dqlite, { node: name, port: member.port, serve: createMemberServer(member, certificates.cluster) }],
  ];
  if (world.release.hasMetrics) {
    services.push([PORT.metrics, { node: name, port: datastore.port, serve: createMetricsServer(datastore) }]);
  }
  return { node, tcp: new Map(services), kine: { node: name, port: datastore.port, serve: etcd } };
}

function machineOf(world: World, node: LabNode, kine: Service, certificates: Certificates): Machine {
  return {
    world,
    node,
    file: (path) => backendFile(node, certificates, path),
    socket: (path) => {
      if (snapPath(path) !== KINE_SOCKET) return "missing";
      return listenerOf(kine) === null ? "left behind" : "listening";
    },
    locks: new Map(),
  };
}

/** A listener of this machine for one of a node; `from` is where its clients count to be. */
function serviceDoor(
  dialer: Dialer,
  service: Service,
  place: Parameters<typeof createDoor>[0]["place"],
  from: string,
): Door {
  const { world, time } = dialer;
  const { host } = world.node(service.node);
  return createDoor({
    place,
    // A node without power does not refuse: it says nothing.
    isOpen: () => listenerOf(service) !== null || !host.isUp,
    accept: (socket) => {
      socket.pause();
      time.enter(() => {
        const server = listenerOf(service);
        if (!host.isUp) return;
        if (server === null) return void socket.resetAndDestroy();
        const client = world.host(from).spawn("client");
        socket.once("close", () => time.enter(() => client.end({ code: "exited", status: 0 })));
        accept(dialer, socket, client, server, service);
      });
    },
  });
}

/** sshd is there whenever the machine is. */
function sshDoor(
  dialer: Dialer,
  machine: Machine,
  where: NodeAddresses,
  { hostKey, loginKey }: ServedNodesOptions,
): Door {
  const { world, time, wiring } = dialer;
  const { host } = machine.node;
  return createDoor({
    place: { host: where.address, port: where.sshPort },
    isOpen: () => true,
    accept: (socket) => {
      socket.pause();
      time.enter(() => {
        if (!host.isUp) return;
        const client = world.host(OPERATOR_MACHINE).spawn("ssh");
        const sshd = host.spawn("sshd");
        socket.once("close", () => time.enter(() => client.end({ code: "exited", status: 0 })));
        serveLogin(wiring.lay(socket, { from: client, to: sshd, canReset: () => host.isUp }), sshd, {
          dialer,
          machine,
          hostKey,
          loginKey,
        });
      });
    },
  });
}
