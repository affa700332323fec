import type { Sim, Timer } from "../../sim/sim.ts";
import type { Process } from "../process.ts";
import type { Release } from "../releases.ts";
import type { Cacher } from "./cacher.ts";
import type { Klog } from "./klog.ts";
import type { StoreLink } from "./store-link.ts";

/** Ready 2 to 4 s after its start: measured on three real nodes. */
const READY_MS = { min: 2000, max: 4000 } as const;
/** Its socket is there a little earlier. */
const LISTEN_MS = 1000;
/**
 * Above a dead feed one of two hooks ends it, 30 s or 60 s after it began to serve: measured on real
 * apiservers, 38 s after their start in the first runs, 65 and 71 s in later ones. What decides is not known, so it is drawn.
 */
const FATAL_HOOKS = [
  {
    name: "rbac/bootstrap-roles",
    why: "unable to initialize roles: timed out waiting for the condition",
    limitMs: 38_000,
  },
  {
    name: "start-service-ip-repair-controllers",
    why: "unable to perform initial IP and Port allocation check",
    limitMs: 68_000,
  },
] as const;
/** storagebackend/factory/etcd3.go, dialTimeout. */
const DIAL_LIMIT_MS = 20_000;
const HOOK_RETRY_MS = 500;
const HOOK_WAIT_MS = 3000;

interface BootOptions {
  readonly sim: Sim;
  readonly process: Process;
  readonly link: StoreLink;
  readonly release: Release;
  readonly cachers: readonly Cacher[];
  /** Whose freshness the hook needs: it lists the roles that it has made. */
  readonly roles: Cacher;
  readonly klog: Klog;
  readonly onListening: () => void;
  /** It has written to the store: what its caches were filled with is no longer the newest. */
  readonly hasWritten: () => boolean;
  readonly onReady: () => void;
}

/** The start of an apiserver: it listens, fills its caches, runs its hooks, and is ready or ends the process. */
export function bootApiServer(options: BootOptions): void {
  const { sim, process, link, release, cachers, roles, klog, onListening, hasWritten, onReady } = options;
  const readyAtMs = sim.nowMs() + sim.random(`apiserver ${process.node} boot`).between(READY_MS.min, READY_MS.max);
  // A stream of its own: whoever draws from the other one meets the same as before.
  const hook = sim.random(`apiserver ${process.node} hooks`).pick(FATAL_HOOKS);
  let isReady = false;
  let fatal: Timer | null = null;

  const dialing = process.after(DIAL_LIMIT_MS, () => {
    klog("E", "run.go:72", '"command failed" err="context deadline exceeded"');
    process.end({ code: "exited", status: 1 });
  });
  // The first read of the store also finds out whether there is one.
  link.range({ key: "/registry/health" }, { isOver: false, limitMs: hook.limitMs }, () => {
    dialing.cancel();
    for (const cacher of cachers) cacher.start();
    process.after(LISTEN_MS, () => {
      onListening();
      again();
    });
  });
  fatal = process.after(hook.limitMs, () => {
    klog("F", "hooks.go:203", `PostStartHook "${hook.name}" failed: ${hook.why}`);
    sim.log(process.node, "kube-apiserver never became ready and ends its process");
    process.end({ code: "exited", status: 255 });
  });

  function runHook(): void {
    if (!hasWritten() || !cachers.every((cacher) => cacher.isReady)) return again();
    if (!release.consistentListFromCache) return finish();
    link.range({ key: roles.cache.resource.prefix }, { isOver: false, limitMs: hook.limitMs }, (answer) => {
      if (!answer.ok) return again();
      roles.waitFor(answer.value.revision, HOOK_WAIT_MS, (isReached) => (isReached ? finish() : again()));
    });
  }

  function again(): void {
    process.after(HOOK_RETRY_MS, runHook);
  }

  function finish(): void {
    if (isReady) return;
    isReady = true;
    fatal?.cancel();
    process.after(readyAtMs - sim.nowMs(), onReady);
  }
}
