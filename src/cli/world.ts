import { hostname } from "node:os";
import { systemClock } from "../adapters/clock/system-clock.ts";
import { createLocalAccess } from "../adapters/node/local.ts";
import { createControlDirectory, removeControlDirectory } from "../adapters/node/ssh/control-directory.ts";
import { createSshAccess } from "../adapters/node/ssh/access.ts";
import { createNodeTaps } from "../adapters/taps/node-taps.ts";
import type { Observer } from "../app/observer.ts";
import type { Profile } from "../core/profiles/profile.ts";
import { chooseProfile } from "../core/profiles/registry.ts";
import type { NodeAccess } from "../ports/node-access.ts";
import type { NodeTaps } from "../ports/node-taps.ts";
import { readConfig } from "./config.ts";
import { CliError } from "./exit-codes.ts";

/** How long a node may take to say its name; a node that does not is shown by its ssh name and stays in the matrix. */
const HOSTNAME_DEADLINE_MS = 3000;

/** The options that say which cluster is meant; shared by all commands. */
export interface ClusterOptions {
  readonly ssh?: readonly string[];
  readonly sshConfig?: string;
  readonly config?: string;
  readonly profile?: string;
  readonly context?: string;
}

/** The nodes of a cluster with their taps. */
export interface World {
  readonly profile: Profile;
  readonly nodes: readonly NodeTaps[];
  close(): Promise<void>;
}

/** Ends the taps and the connections at once: reads that are under way fail by the closing and are not waited out. */
export async function endObserving(observer: Observer, world: World): Promise<void> {
  const ended = observer.stop();
  await world.close();
  await ended;
}

interface Target {
  readonly name: string | null;
  readonly ssh: string;
}

/** Builds the taps for the nodes that the options name: this machine when they name none. Throws CliError. */
export async function openWorld(options: ClusterOptions): Promise<World> {
  const config = options.config === undefined ? null : readConfig(options.config);
  const choice = chooseProfile(options.profile ?? config?.profile ?? "microk8s");
  if (!choice.ok) throw new CliError(choice.message);
  const { profile } = choice;
  const targets: readonly Target[] =
    options.ssh?.map((ssh) => ({ name: null, ssh })) ?? config?.nodes.map(toTarget) ?? [];
  const repeated = targets.find((one, index) => targets.findIndex((other) => other.ssh === one.ssh) < index);
  if (repeated !== undefined) throw new CliError(`${repeated.ssh} is named twice`);
  const sshConfig = options.sshConfig ?? config?.sshConfig;
  const directory = targets.length === 0 ? null : createControlDirectory();
  const accesses = directory === null ? [await localAccess(profile)] : await sshAccesses(targets, directory, sshConfig);
  const nodes = accesses.map((access) =>
    createNodeTaps({
      access,
      profile,
      clock: systemClock,
      ...(options.context === undefined ? {} : { context: options.context }),
    }),
  );
  return {
    profile,
    nodes,
    close: async () => {
      await Promise.all(nodes.map((taps) => taps.close()));
      if (directory !== null) removeControlDirectory(directory);
    },
  };
}

function toTarget(node: { readonly name?: string | undefined; readonly ssh: string }): Target {
  return { name: node.name ?? null, ssh: node.ssh };
}

async function localAccess(profile: Profile): Promise<NodeAccess> {
  const access = createLocalAccess(hostname());
  const unit = profile.units.datastore ?? "";
  const found = await access.run(["systemctl", "cat", "--", unit], { deadlineMs: HOSTNAME_DEADLINE_MS });
  if (found.outcome === "exited" && found.exitCode === 0) return access;
  throw new CliError(
    `this machine is no ${profile.title} control-plane node (no unit ${unit}); name the nodes with --ssh HOST, or run quorate demo`,
  );
}

async function sshAccesses(
  targets: readonly Target[],
  controlDirectory: string,
  configFile: string | undefined,
): Promise<readonly NodeAccess[]> {
  const accesses = await Promise.all(
    targets.map(async ({ name, ssh }) => {
      const options = { host: ssh, controlDirectory, ...(configFile === undefined ? {} : { configFile }) };
      if (name !== null) return createSshAccess({ name, ...options });
      const access = createSshAccess({ name: ssh, ...options });
      const said = await access.run(["hostname"], { deadlineMs: HOSTNAME_DEADLINE_MS });
      const own = said.outcome === "exited" && said.exitCode === 0 ? said.stdout.toString("utf8").trim() : "";
      return own === "" ? access : renamed(access, own);
    }),
  );
  const names = accesses.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return accesses;
  await Promise.all(accesses.map((access) => access.close()));
  removeControlDirectory(controlDirectory);
  throw new CliError(
    `two of the named hosts call themselves ${twice}: they are the same node, or name them in --config`,
  );
}

/** The same connection under the node's own name. */
function renamed(access: NodeAccess, name: string): NodeAccess {
  return { ...access, name };
}
