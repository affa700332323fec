import { CACHED_RESOURCES, resourceName } from "../../app/kube/cached-resources.ts";
import { readLease } from "../../app/kube/lease-read.ts";
import { createLeaseLock } from "../../app/kube/lease-lock.ts";
import { readCachePair } from "../../app/kube/reads.ts";
import { readReadyz } from "../../app/kube/readyz.ts";
import type { Profile } from "../../core/profiles/profile.ts";
import { databaseLocked } from "../../core/signals/database-locked/index.ts";
import { known, type Reading, unknown } from "../../core/model/observed.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import type { NodeTaps } from "../../ports/node-taps.ts";
import { TapError, toReading } from "../../ports/tap-error.ts";
import { createEtcdApi } from "../etcd/client.ts";
import { countSignals } from "../journal/count-signals.ts";
import { readDatastoreMetrics } from "../metrics/read.ts";
import { commandFailure } from "../node/command-failure.ts";
import { restartFenced } from "../systemd/restart-fenced.ts";
import { readUnit } from "../systemd/read-unit.ts";
import { createMemberTap } from "./member-tap.ts";
import { createNodeKubeApi } from "./node-kube-api.ts";

/** Connecting to a socket of the node; over ssh this includes adding the forward (0.1 to 0.4 s once). */
const CONNECT_DEADLINE_MS = 4000;

export interface NodeTapsOptions {
  readonly access: NodeAccess;
  readonly profile: Profile;
  readonly clock: Clock;
  /** Kubeconfig context; the file's current one when absent. */
  readonly context?: string;
}

/** The taps of one real node. Opens nothing until something is read; `close` ends the access too. */
export function createNodeTaps({ access, profile, clock, context }: NodeTapsOptions): NodeTaps {
  const etcd = createEtcdApi({
    connect: () => access.connect(profile.datastore, CONNECT_DEADLINE_MS),
    authority: "localhost",
    clock,
  });
  const kube = createNodeKubeApi({ access, profile, clock, ...(context === undefined ? {} : { context }) });
  const members = createMemberTap(access, profile);
  const resources = new Map(CACHED_RESOURCES.map((resource) => [resourceName(resource), resource]));
  const unitOf = (role: "datastore" | "kubelite"): string => {
    const unit = profile.units[role];
    if (unit === null) throw new TapError("not-configured", `${profile.title} has no ${role} unit`);
    return unit;
  };
  return {
    node: access.name,
    shellPrefix: access.via.kind === "ssh" ? `ssh ${access.via.host} ` : "",
    readUnit: async (role, deadlineMs) => {
      const unit = await toReading((async () => unitOf(role))());
      return unit.known ? readUnit(access, unit.value, { deadlineMs, clock }) : unit;
    },
    readStopMarker: (deadlineMs) => readStopMarker(access, profile, deadlineMs),
    readMembers: members.readMembers,
    askMember: members.askMember,
    readRevision: (deadlineMs) => etcd.readRevision(deadlineMs),
    watchLeases: (handlers) => etcd.watchPrefix("/registry/leases/", handlers),
    cachedResources: [...resources.keys()],
    readCache: async (name, deadlineMs) => {
      const resource = resources.get(name);
      if (resource === undefined) return unknown("not-configured", `no resource ${name}`);
      return readCachePair(kube, resource, deadlineMs);
    },
    readLease: (namespace, name, deadlineMs) => readLease(kube, namespace, name, deadlineMs),
    readReadyz: (deadlineMs) => readReadyz(kube, deadlineMs),
    readMetrics: async (deadlineMs) => {
      const port = profile.metricsPort;
      if (port === null) return unknown("not-configured", `${profile.title} serves no datastore metrics`);
      const target = { host: "127.0.0.1", port };
      return readDatastoreMetrics((to, ms) => access.connect(to, ms), target, deadlineMs);
    },
    countLockErrors: (windowMs, deadlineMs) =>
      countSignals(access, databaseLocked, profile, { units: [unitOf("datastore")], windowMs, deadlineMs }),
    lock: createLeaseLock(kube),
    restart: ({ role, expectedInvocationId, token, deadlineMs }) =>
      restartFenced(access, {
        unit: unitOf(role),
        expectedInvocationId,
        token,
        stopMarkerPath: profile.stopMarkerPath,
        deadlineMs,
      }),
    close: async () => {
      etcd.close();
      kube.close();
      await access.close();
    },
  };
}

/** `test -e` on the node: exit 0 is there, 1 is not there; everything else is unknown. */
async function readStopMarker(access: NodeAccess, profile: Profile, deadlineMs: number): Promise<Reading<boolean>> {
  if (profile.stopMarkerPath === null) return known(false);
  const result = await access.run(["test", "-e", profile.stopMarkerPath], { deadlineMs, asRoot: true });
  if (result.outcome === "exited" && result.exitCode === 0) return known(true);
  if (result.outcome === "exited" && result.exitCode === 1 && result.stderr === "") return known(false);
  const { reason, message } = commandFailure(result, `${access.name}: looking for ${profile.stopMarkerPath}`);
  return unknown(reason, message);
}
