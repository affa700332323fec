// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheKey, cached, folderContents, isCached } from "./cache.ts";
import { TWIN_DIR } from "./config.ts";
import { resolveDatastore, type Datastore } from "./datastore.ts";
import { describeFailure, run, runOk } from "./exec.ts";
import type { Progress } from "./progress.ts";
import { isNodeRootfsCached, nodeRootfs } from "./rootfs.ts";

export type Components = {
  readonly rootfs: string;
  /** Folder with kube-apiserver and kube-controller-manager. */
  readonly kubernetes: string;
  readonly datastore: Datastore;
  /** Undefined while nobody needs it or it cannot be built. */
  readonly watchProxy: string | undefined;
};

const KUBERNETES_DIR = join(TWIN_DIR, "components/kubernetes");
const KUBECTL_DIR = join(TWIN_DIR, "components/kubectl");
const WATCH_PROXY_DIR = join(TWIN_DIR, "components/watch-proxy");

/** About 9 minutes on two cores from an empty Go cache; four times that before we give up. */
const BUILD_TIMEOUT_MS = 40 * 60_000;

/** Resolves all parts of the twin and builds what the cache lacks. */
export async function components(progress: Progress, running?: Components): Promise<Components> {
  const rootfs = await nodeRootfs(progress);
  const kubernetes = await buildKubernetes(progress);
  const datastore = await resolveDatastore(progress, running?.datastore);
  const watchProxy = await buildWatchProxy(progress);
  return { rootfs, kubernetes, datastore, watchProxy };
}

/** True when `up` will not have to build the slow parts. */
export async function isCacheWarm(): Promise<boolean> {
  return isNodeRootfsCached() && isCached((await kubernetesEntry()).name);
}

export async function buildKubernetes(progress: Progress): Promise<string> {
  const entry = await kubernetesEntry();
  const make = (dir: string) =>
    goBuild(KUBERNETES_DIR, ["-o", `${dir}/`, "-ldflags", entry.ldflags, ...KUBERNETES_PACKAGES]);
  return cached({ what: `Kubernetes ${entry.version} (takes minutes)`, name: entry.name, make }, progress);
}

const KUBERNETES_PACKAGES = ["k8s.io/kubernetes/cmd/kube-apiserver", "k8s.io/kubernetes/cmd/kube-controller-manager"];

/** The kubectl of the same release, for the session with the lab. A module of its own: it is built in a minute, and alone. */
export async function buildKubectl(progress: Progress): Promise<string> {
  const entry = await moduleEntry("kubectl", KUBECTL_DIR);
  const make = (dir: string) => goBuild(KUBECTL_DIR, ["-o", `${dir}/`, "-ldflags", entry.ldflags, KUBECTL_PACKAGE]);
  const dir = await cached({ what: `kubectl ${entry.version}`, name: entry.name, make }, progress);
  return join(dir, "kubectl");
}

const KUBECTL_PACKAGE = "k8s.io/kubernetes/cmd/kubectl";

function kubernetesEntry(): Promise<{ name: string; version: string; ldflags: string }> {
  return moduleEntry("kubernetes", KUBERNETES_DIR);
}

async function moduleEntry(kind: string, dir: string): Promise<{ name: string; version: string; ldflags: string }> {
  const goMod = await readFile(join(dir, "go.mod"), "utf8");
  const goSum = await readFile(join(dir, "go.sum"), "utf8");
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${dir}/go.mod names no version of k8s.io/kubernetes`);
  const ldflags = versionFlags(version);
  return { name: `${kind}-${cacheKey([goMod, goSum, ldflags, await goVersion()])}`, version, ldflags };
}

/** Without these the binaries call themselves v0.0.0, and version-gated defaults go by that. */
function versionFlags(version: string): string {
  const [major, minor] = version.slice(1).split(".");
  const set = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const flags = Object.entries(set).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-s -w", ...flags].join(" ");
}

export async function buildWatchProxy(progress: Progress): Promise<string | undefined> {
  const contents = await folderContents(WATCH_PROXY_DIR).catch((): string[] => []);
  if (!contents.includes("/go.mod")) return undefined;
  const name = `watch-proxy-${cacheKey([...contents, await goVersion()])}`;
  const make = (dir: string) => goBuild(WATCH_PROXY_DIR, ["-o", join(dir, "watch-proxy"), "."]);
  const dir = await cached({ what: "watch proxy", name, make }, progress);
  return join(dir, "watch-proxy");
}

/** Static, so that the host's C library does not matter inside the nodes. */
async function goBuild(moduleDir: string, args: readonly string[]): Promise<void> {
  const argv = ["go", "build", "-trimpath", ...args];
  const env = { ...process.env, CGO_ENABLED: "0" };
  const result = await run(argv, { cwd: moduleDir, timeoutMs: BUILD_TIMEOUT_MS, env });
  if (result.code !== 0) throw new Error(`in ${moduleDir}: ${describeFailure(argv, result)}`);
}

export async function goVersion(): Promise<string> {
  return (await runOk(["go", "env", "GOVERSION"])).trim();
}
