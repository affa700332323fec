// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheKey, cached, isCached } from "./cache.ts";
import { PLAIN_USER, SUDO_USER } from "./config.ts";
import { run, runOk } from "./exec.ts";
import { aptMirror } from "./mirror.ts";
import type { Progress } from "./progress.ts";

/** The first release with libdqlite 1.18, which k8s-dqlite 1.8 links. */
const SUITE = "trixie";

const NODE_PACKAGES = [
  "systemd,systemd-sysv,dbus,openssh-server,sudo",
  "iproute2,procps,ca-certificates,curl,python3,libdqlite0",
  // Node.js, bound from the host for tests that run quorate on a node, links these.
  "libatomic1,libstdc++6",
].join(",");

const BUILD_PACKAGES = "gcc,libc6-dev,libdqlite-dev,libuv1-dev,libsqlite3-dev,pkg-config,ca-certificates";

/** Raise it when the steps below change: it is part of the cache key. */
const RECIPE = "1";

const MMDEBSTRAP_TIMEOUT_MS = 15 * 60_000;

const nodeName = `rootfs-${cacheKey([RECIPE, SUITE, NODE_PACKAGES])}`;
const buildName = `buildroot-${cacheKey([RECIPE, SUITE, BUILD_PACKAGES])}`;

export function isNodeRootfsCached(): boolean {
  return isCached(nodeName);
}

/** The read-only lower layer of all nodes. Never change it while nodes run. */
export function nodeRootfs(progress: Progress): Promise<string> {
  return cached(
    { what: "root file system of the nodes", name: nodeName, make: makeNodeRootfs, remove: removeTree },
    progress,
  );
}

/** A chroot with the C side of dqlite, to build the datastore against the library the nodes have. */
export function buildRootfs(progress: Progress): Promise<string> {
  return cached({ what: "build chroot", name: buildName, make: makeBuildRootfs, remove: removeTree }, progress);
}

function makeBuildRootfs(dir: string): Promise<void> {
  return mmdebstrap(dir, BUILD_PACKAGES);
}

async function makeNodeRootfs(dir: string): Promise<void> {
  await mmdebstrap(dir, NODE_PACKAGES);
  await maskUnits(dir);
  await addUsers(dir);
  await configureServices(dir);
  // Host keys are made per twin, so that a cached root holds no secret.
  await runOk(["find", join(dir, "etc/ssh"), "-name", "ssh_host_*", "-delete"]);
  await mkdir(join(dir, "var/log/journal"), { recursive: true });
}

async function mmdebstrap(dir: string, packages: string): Promise<void> {
  const mirror = await aptMirror();
  const argv = ["mmdebstrap", "--quiet", "--variant=minbase", `--include=${packages}`, SUITE, dir, mirror];
  const result = await run(argv, { timeoutMs: MMDEBSTRAP_TIMEOUT_MS });
  if (result.code !== 0) {
    const hint = result.stderr.includes("ENOENT") ? "\nInstall the packages mmdebstrap and systemd-container." : "";
    throw new Error(`mmdebstrap failed:\n${result.stderr.slice(-2000)}${hint}`);
  }
}

/** Units that make no sense in a container and would leave the system "degraded". */
async function maskUnits(dir: string): Promise<void> {
  const units = join(dir, "etc/systemd/system");
  const masked = [
    "systemd-firstboot.service",
    "console-getty.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
  ];
  for (const unit of masked) {
    await rm(join(units, unit), { force: true });
    await symlink("/dev/null", join(units, unit));
  }
}

async function addUsers(dir: string): Promise<void> {
  const users = [
    [SUDO_USER, "1001"],
    [PLAIN_USER, "1002"],
  ];
  for (const [user, uid] of users) {
    await runOk(["chroot", dir, "useradd", "-m", "-s", "/bin/bash", "-u", uid ?? "", user ?? ""]);
    // "*" instead of "!": no password, yet not locked, or sshd would refuse the key as well.
    await runOk(["chroot", dir, "usermod", "-p", "*", user ?? ""]);
  }
  const sudoers = join(dir, "etc/sudoers.d/quorate-twin");
  await writeFile(sudoers, `${SUDO_USER} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
}

async function configureServices(dir: string): Promise<void> {
  const sshd = [
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UseDNS no",
    // Tests open many connections, and refused logins on purpose: neither may lock the tests out.
    "MaxStartups 100",
    "MaxSessions 50",
    "PerSourcePenalties no",
    "",
  ];
  await writeFile(join(dir, "etc/ssh/sshd_config.d/quorate-twin.conf"), sshd.join("\n"));
  const journald = join(dir, "etc/systemd/journald.conf.d");
  await mkdir(journald, { recursive: true });
  await writeFile(
    join(journald, "quorate-twin.conf"),
    "[Journal]\nStorage=persistent\nSystemMaxUse=300M\nRateLimitIntervalSec=0\n",
  );
  await writeFile(join(dir, "etc/hosts"), hostsFile());
  await writeFile(join(dir, "etc/resolv.conf"), "# The twin has no name service.\n");
}

function hostsFile(): string {
  const nodes = [1, 2, 3].map((n) => `198.51.100.1${n} k8s0${n}`);
  return ["127.0.0.1 localhost", "::1 localhost", ...nodes, ""].join("\n");
}

/** mmdebstrap leaves no mounts behind, but a killed one may: never delete across a mount. */
async function removeTree(dir: string): Promise<void> {
  await runOk(["rm", "-rf", "--one-file-system", dir], { timeoutMs: 120_000 });
}
