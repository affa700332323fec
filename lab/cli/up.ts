import { defaultDirectory, LabError, pathsIn } from "../serve/state/directory.ts";
import { type Lab, startLab } from "../serve/lab.ts";
import type { LogLine } from "../sim/sim.ts";
import { RELEASES, type ReleaseId } from "../world/releases.ts";
import type { ClusterSpec } from "../world/world.ts";

export interface UpOptions {
  readonly dir?: string;
  readonly nodes: number;
  readonly release: string;
  readonly workload: ClusterSpec["workload"];
  readonly speed: number;
  readonly seed?: number;
  readonly log?: boolean;
}

/** Starts a lab and serves until Ctrl-C, TERM or `quorate lab down`. */
export async function up({ dir, release, log, ...options }: UpOptions): Promise<number> {
  if (!(release in RELEASES))
    throw new LabError(`there is no release "${release}"; the lab has: ${Object.keys(RELEASES).join(", ")}`);
  const directory = dir ?? defaultDirectory();
  const end = Promise.withResolvers<number>();
  const lab = await startLab({
    ...options,
    directory,
    release: release as ReleaseId,
    ...(log === true ? { onLog: printLine } : {}),
    onDown: () => end.resolve(0),
    onFailure: (error) => end.reject(error instanceof Error ? error : new Error(String(error))),
  });
  const stop = (): void => end.resolve(0);
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdout.write(greeting(lab));
  try {
    return await end.promise;
  } finally {
    lab.close();
  }
}

function printLine({ atMs, who, text }: LogLine): void {
  process.stdout.write(`${new Date(atMs).toISOString()} ${who}: ${text}\n`);
}

function greeting({ directory, addresses, world, seed, time }: Lab): string {
  const paths = pathsIn(directory);
  const nodes = addresses.map(({ name, address, kubePort }) => `  ${name}  https://${address}:${kubePort}\n`);
  return `${world.release.title}, ${addresses.length} nodes, seed ${seed}${time.speed === 1 ? "" : `, ${time.speed} x`}
${nodes.join("")}
  export KUBECONFIG=${paths.kubeconfig}
  kubectl get nodes                                   (contexts: one for each node)
  quorate doctor --config ${paths.config} --watch
  ssh -F ${paths.sshConfig} ${addresses[0]?.name} systemctl status ${UNIT}
  quorate lab fault --list

It serves until Ctrl-C or quorate lab down.
`;
}

const UNIT = "snap.microk8s.daemon-k8s-dqlite";
