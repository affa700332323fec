import type { Process } from "../process.ts";
import type { Respond } from "./reads.ts";
import type { StoreLink } from "./store-link.ts";

/** `/readyz`, `/livez`, `/healthz`: green while the store answers a read, whatever the watch caches hold. */
export interface Health {
  serve(path: string, isVerbose: boolean, respond: Respond): void;
}

/** apiserver factory/etcd3.go: the read of `/registry/health` has 2 s, and is made once in 1 s at most. */
const CHECK_DEADLINE_MS = 2000;
const CHECK_PERIOD_MS = 1000;

const HOOKS = [
  "start-apiserver-admission-initializer",
  "generic-apiserver-start-informers",
  "start-kube-apiserver-admission-initializer",
  "crd-informer-synced",
  "bootstrap-controller",
  "rbac/bootstrap-roles",
  "scheduling/bootstrap-system-priority-classes",
  "apiservice-registration-controller",
  "apiservice-openapi-controller",
];

interface HealthOptions {
  readonly nowMs: () => number;
  readonly process: Process;
  readonly link: StoreLink;
  /** Post-start hooks are done. */
  readonly isStarted: () => boolean;
}

export function createHealth({ nowMs, process, link, isStarted }: HealthOptions): Health {
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  let isGood = false;

  function check(done: (isGood: boolean) => void): void {
    // Within the period the last result is given again (not the one under way).
    if (nowMs() - checkedAtMs < CHECK_PERIOD_MS) return done(isGood);
    checkedAtMs = nowMs();
    const deadline = { isOver: false, limitMs: CHECK_DEADLINE_MS };
    const finish = (isOk: boolean) => {
      if (deadline.isOver) return;
      deadline.isOver = true;
      timer.cancel();
      isGood = isOk;
      done(isOk);
    };
    const timer = process.after(CHECK_DEADLINE_MS, () => finish(false));
    link.range({ key: "/registry/health" }, deadline, (answer) => finish(answer.ok));
  }

  return {
    serve: (path, isVerbose, respond) =>
      check((isEtcdGood) => {
        const [, endpoint = "", ...named] = path.split("/");
        const checks = checksOf(endpoint, isEtcdGood, isStarted());
        const only = named.join("/");
        const asked = only === "" ? checks : checks.filter(([name]) => name === only);
        const isFine = asked.every(([, isOk]) => isOk);
        if (isFine && !isVerbose) return respond({ status: 200, body: "ok" });
        const lines = asked.map(([name, isOk]) => (isOk ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
        const last = `${endpoint} check ${isFine ? "passed" : "failed"}`;
        respond({ status: isFine ? 200 : 500, body: `${[...lines, last].join("\n")}\n` });
      }),
  };
}

function checksOf(endpoint: string, isEtcdGood: boolean, isStarted: boolean): readonly (readonly [string, boolean])[] {
  const isReadyz = endpoint === "readyz";
  return [
    ["ping", true],
    ["log", true],
    ["etcd", isEtcdGood],
    ...(isReadyz
      ? ([
          ["etcd-readiness", isEtcdGood],
          ["informer-sync", isStarted],
        ] as const)
      : []),
    ...HOOKS.map((hook) => [`poststarthook/${hook}`, isStarted || !hook.startsWith("rbac/")] as const),
    ...(isReadyz ? ([["shutdown", true]] as const) : []),
  ];
}
