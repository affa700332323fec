// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheKey, cached, folderContents } from "./cache.ts";
import { TWIN_DIR } from "./config.ts";
import { describeFailure, run, runOk } from "./exec.ts";
import type { Progress } from "./progress.ts";
import { buildRootfs } from "./rootfs.ts";

export type Datastore = {
  /** `real` is k8s-dqlite itself; `stand-in` is real dqlite under our own small etcd surface. */
  readonly kind: "real" | "stand-in";
  /** Where it came from, for `twin status`. */
  readonly source: "QUORATE_TWIN_K8S_DQLITE" | "installed MicroK8s" | "test/twin/components/datastore";
  readonly path: string;
  readonly sha256: string;
};

const SNAP_BINARY = "/snap/microk8s/current/bin/k8s-dqlite";
const STAND_IN_DIR = join(TWIN_DIR, "components/datastore");
const BUILD_TIMEOUT_MS = 30 * 60_000;

/**
 * The real k8s-dqlite if this machine has one, else the stand-in, built on first use. A twin that was started with a
 * given binary keeps it when the variable is not set again: nobody swaps datastores by forgetting something.
 */
export async function resolveDatastore(progress: Progress, running?: Datastore): Promise<Datastore> {
  const given = process.env["QUORATE_TWIN_K8S_DQLITE"];
  if (given !== undefined && given !== "") {
    if (!existsSync(given)) throw new Error(`QUORATE_TWIN_K8S_DQLITE: ${given} does not exist`);
    return { kind: "real", source: "QUORATE_TWIN_K8S_DQLITE", path: given, sha256: await sha256(given) };
  }
  if (running?.source === "QUORATE_TWIN_K8S_DQLITE" && existsSync(running.path)) return running;
  if (existsSync(SNAP_BINARY)) {
    return { kind: "real", source: "installed MicroK8s", path: SNAP_BINARY, sha256: await sha256(SNAP_BINARY) };
  }
  const path = await buildDatastore(progress);
  return { kind: "stand-in", source: "test/twin/components/datastore", path, sha256: await sha256(path) };
}

/**
 * Builds the stand-in. It links libdqlite, which must be the nodes' own version, so it is built in a chroot of
 * their release with the host's Go tool chain and module cache.
 */
export async function buildDatastore(progress: Progress): Promise<string> {
  const contents = await folderContents(STAND_IN_DIR).catch((): string[] => []);
  if (!contents.includes("/go.mod")) {
    throw new Error("no datastore: set QUORATE_TWIN_K8S_DQLITE to a k8s-dqlite binary");
  }
  const goRoot = (await runOk(["go", "env", "GOROOT"])).trim();
  const version = (await runOk(["go", "env", "GOVERSION"])).trim();
  const name = `datastore-${cacheKey([...contents, version])}`;
  const make = (dir: string) => buildInChroot(dir, goRoot, progress);
  const dir = await cached({ what: "datastore", name, make }, progress);
  return join(dir, "k8s-dqlite");
}

async function buildInChroot(dir: string, goRoot: string, progress: Progress): Promise<void> {
  // The chroot has no network: fetch the modules outside, with the host's Go settings.
  const download = ["go", "mod", "download"];
  const fetched = await run(download, { cwd: STAND_IN_DIR, timeoutMs: BUILD_TIMEOUT_MS });
  if (fetched.code !== 0) throw new Error(describeFailure(download, fetched));
  const chroot = await buildRootfs(progress);
  const [moduleCache, buildCache] = (await runOk(["go", "env", "GOMODCACHE", "GOCACHE"])).trim().split("\n");
  const binds = [goRoot, "/usr/local/go", moduleCache ?? "", "/gomod", buildCache ?? "", "/gocache"];
  const script = join(TWIN_DIR, "lib/build-in-chroot.sh");
  await mkdir(buildCache ?? "", { recursive: true });
  const argv = ["unshare", "--mount", "sh", script, chroot, STAND_IN_DIR, dir, ...binds];
  const result = await run(argv, { timeoutMs: BUILD_TIMEOUT_MS });
  if (result.code !== 0) throw new Error(describeFailure(["build-in-chroot.sh"], result));
  await rename(join(dir, "out"), join(dir, "k8s-dqlite"));
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 16);
}
