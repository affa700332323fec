import type { NodeName } from "../../../src/core/model/observation.ts";
import { pause, runTask, type Task, until } from "../controllers/task.ts";
import type { Process } from "../process.ts";
import { OPERATOR_MACHINE, UNITS, type World } from "../world.ts";
import { overSsh } from "./ssh.ts";

export interface AnsibleOptions {
  /** Hosts per batch; all of them when absent, which is Ansible's own default. */
  readonly serial?: number;
  /** `async` with `poll: 0`: the task does not wait for systemctl. */
  readonly async?: boolean;
  /** The wait behind each restart; the runbook has `sleep 10`. */
  readonly sleepMs?: number;
}

export interface HostResult {
  readonly node: NodeName;
  readonly outcome: "changed" | "unreachable";
}

/** How the play recap tells it. */
export interface AnsibleRun {
  readonly results: readonly HostResult[];
}

/** Ansible's default number of hosts at once. */
const FORKS = 5;
const SLEEP_MS = 10_000;
/** A module is copied to the host and started by Python: so long after the task began. */
const MODULE_MS = { min: 300, max: 700 } as const;

/**
 * A play that restarts a unit on hosts, batch by batch, the hosts of a batch side by side. Each host's task is over when
 * systemctl returns, which for a service of Type=simple is when the old process has ended. The returned process is
 * ansible-playbook; ending it ends the play, not what it started.
 */
export function ansibleRestart(
  world: World,
  nodes: readonly NodeName[],
  unit: string,
  options: AnsibleOptions = {},
  done: (run: AnsibleRun) => void = nothing,
): Process {
  const playbook = world.host(OPERATOR_MACHINE).spawn("ansible-playbook");
  runTask(play(world, playbook, { nodes, unit, options }), (run) => {
    world.sim.log("ansible", run.results.map(({ node, outcome }) => `${node} ${outcome}`).join(", "));
    playbook.end({ code: "exited", status: 0 });
    done(run);
  });
  return playbook;
}

interface Play {
  readonly nodes: readonly NodeName[];
  readonly unit: string;
  readonly options: AnsibleOptions;
}

function* play(world: World, playbook: Process, { nodes, unit, options }: Play): Task<AnsibleRun> {
  const { serial = nodes.length, sleepMs = SLEEP_MS } = options;
  const results: HostResult[] = [];
  for (const batch of chunks(nodes, Math.max(1, serial))) {
    results.push(...(yield* restartTask(world, playbook, { nodes: batch, unit, options })));
    yield* pause(playbook, sleepMs);
  }
  return { results };
}

/** The task `systemd: state=restarted` on the hosts of a batch, as many at once as there are forks. */
function* restartTask(world: World, playbook: Process, { nodes, unit, options }: Play): Task<readonly HostResult[]> {
  const results: HostResult[] = [];
  for (const forks of chunks(nodes, FORKS)) {
    results.push(
      ...(yield* until<readonly HostResult[]>((done) => {
        const ended: HostResult[] = [];
        for (const node of forks) {
          restartOne(world, playbook, { node, unit, isAsync: options.async === true }, (result) => {
            ended.push(result);
            if (ended.length === forks.length) done(ended);
          });
        }
      })),
    );
  }
  return results;
}

function restartOne(
  world: World,
  playbook: Process,
  { node, unit, isAsync }: { readonly node: NodeName; readonly unit: string; readonly isAsync: boolean },
  ended: (result: HostResult) => void,
): void {
  const delayMs = world.sim.random("ansible").between(MODULE_MS.min, MODULE_MS.max);
  overSsh(world, {
    client: playbook,
    node,
    run: (host, finish) => {
      world.sim.after(delayMs, () => {
        if (!host.isUp) return;
        host.systemd.restart(unit, "ansible", isAsync ? nothing : finish);
        if (isAsync) finish();
      });
    },
    ended: (outcome) => ended({ node, outcome: outcome === "done" ? "changed" : "unreachable" }),
  });
}

/** The times of the play of 2026-06-24, from its begin: facts, apt, its end, changed arguments, the handlers. */
const HOME_MS = { apt: 60_000, aptEnd: 480_000, restart: 845_000 } as const;
/** From the handler of the datastore to that of kubelite. */
const NEXT_HANDLER_MS = 2000;

export interface HomeUpdateOptions {
  /** What the play of 2026-06-24 had not; 1 afterwards. */
  readonly serial?: number;
  /** How much longer a write takes that must reach the disk, while apt upgrades the host. */
  readonly aptSyncMs?: number;
}

/**
 * The play of the incident of 2026-06-24 on hosts: apt upgrades them (16:03 to 16:10 when it begins at 16:02), k8s-dqlite's
 * arguments are changed, and the handlers restart the datastore and then kubelite, whatever the journal says.
 */
export function homeUpdate(
  world: World,
  nodes: readonly NodeName[],
  { serial = nodes.length, aptSyncMs = 20 }: HomeUpdateOptions = {},
  done: () => void = nothing,
): Process {
  const playbook = world.host(OPERATOR_MACHINE).spawn("ansible-playbook");
  const options = { sleepMs: 0 };
  function* home(): Task {
    for (const batch of chunks(nodes, Math.max(1, serial))) {
      yield* pause(playbook, HOME_MS.apt);
      aptUpgrade(world, batch, { forMs: HOME_MS.aptEnd - HOME_MS.apt, syncMs: aptSyncMs });
      yield* pause(playbook, HOME_MS.restart - HOME_MS.apt);
      yield* restartTask(world, playbook, { nodes: batch, unit: UNITS.datastore, options });
      yield* pause(playbook, NEXT_HANDLER_MS);
      yield* restartTask(world, playbook, { nodes: batch, unit: UNITS.kubelite, options });
    }
  }
  runTask(home(), () => {
    playbook.end({ code: "exited", status: 0 });
    done();
  });
  return playbook;
}

/** apt upgrades hosts: their disks are slower meanwhile. */
export function aptUpgrade(
  world: World,
  nodes: readonly NodeName[],
  { forMs, syncMs }: { readonly forMs: number; readonly syncMs: number },
): void {
  for (const node of nodes) {
    const { disk } = world.host(node);
    disk.syncMs += syncMs;
    world.sim.after(forMs, () => {
      disk.syncMs -= syncMs;
    });
  }
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size));
  return found;
}

function nothing(): void {
  // Nobody waits for it.
}
