import type { NodeName } from "../../../src/core/model/observation.ts";
import { runTask, type Task, until } from "../controllers/task.ts";
import type { Process } from "../process.ts";
import { type LabNode, OPERATOR_MACHINE, type World } from "../world.ts";
import { type NagiosState, PLUGINS, type PluginResult, REVIEW_CHECKS, type ReviewCheck } from "./review-checks.ts";

/** A change of what Nagios shows for a service: another state, or a soft one that became hard (then people are told). */
export interface ServiceState extends PluginResult {
  readonly atMs: number;
  readonly node: NodeName;
  readonly check: ReviewCheck;
  /** Soft until it was the same for as many attempts as configured. */
  readonly isHard: boolean;
  readonly attempt: number;
}

/** The monitoring of the incident review, as it was. */
export interface ReviewMonitoring {
  /** Every change, oldest first. */
  readonly timeline: readonly ServiceState[];
  /** What the page of Nagios shows now. */
  current(): readonly ServiceState[];
  /** When each service first was CRITICAL and hard after `sinceMs`: when somebody was told. */
  alerts(sinceMs: number): readonly ServiceState[];
  stop(): void;
}

/**
 * The review has the freeze at about 20:04 and both alerts at about 20:20 ("NRPE polling interval"): a check each 5 min
 * that must fail three times is told 10 to 15 min after.
 */
const CHECK_INTERVAL_MS = 300_000;
const ATTEMPTS_MAX = 3;
/** check_nrpe's default timeout. */
const NRPE_TIMEOUT_MS = 10_000;
/** Changes that are kept; a day of flapping checks has fewer. */
const TIMELINE_MAX = 10_000;

const TIMEOUT: PluginResult = {
  state: "CRITICAL",
  text: "CHECK_NRPE STATE CRITICAL: Socket timeout after 10 seconds.",
};

/** Starts Nagios on the operator's machine; its checks run by NRPE on the nodes, spread over the interval. */
export function startReviewMonitoring(world: World): ReviewMonitoring {
  const nagios = world.host(OPERATOR_MACHINE).spawn("nagios");
  const draws = world.sim.random("nagios");
  const timeline: ServiceState[] = [];
  const services = new Map<string, ServiceState>();

  function* check(node: LabNode, id: ReviewCheck): Task {
    const result = yield* overNrpe(world, nagios, node, id);
    const key = `${node.name} ${id}`;
    const before = services.get(key);
    const now = stateAfter(before, result, { atMs: world.sim.nowMs(), node: node.name, check: id });
    services.set(key, now);
    if (before !== undefined && before.state === now.state && before.isHard === now.isHard) return;
    timeline.push(now);
    if (timeline.length > TIMELINE_MAX) timeline.shift();
  }

  for (const node of world.nodes) {
    for (const id of REVIEW_CHECKS) {
      nagios.after(draws.between(0, CHECK_INTERVAL_MS), () => {
        runTask(check(node, id));
        nagios.every(CHECK_INTERVAL_MS, () => runTask(check(node, id)));
      });
    }
  }

  return {
    timeline,
    current: () => [...services.values()],
    alerts: (sinceMs) => {
      const seen = new Map<string, ServiceState>();
      for (const one of timeline) {
        const key = `${one.node} ${one.check}`;
        if (one.atMs >= sinceMs && one.state === "CRITICAL" && one.isHard && !seen.has(key)) seen.set(key, one);
      }
      return [...seen.values()];
    },
    stop: () => nagios.end({ code: "killed", signal: "TERM" }),
  };
}

/** Nagios's rule: OK is hard at once; anything else when it was not OK for as many attempts as configured. */
export function stateAfter(
  before: ServiceState | undefined,
  result: PluginResult,
  where: Pick<ServiceState, "atMs" | "node" | "check">,
): ServiceState {
  if (result.state === "OK") return { ...where, ...result, isHard: true, attempt: 1 };
  const isFirst = before === undefined || before.state === "OK";
  const attempt = isFirst ? 1 : Math.min(before.attempt + 1, ATTEMPTS_MAX);
  return { ...where, ...result, attempt, isHard: attempt >= ATTEMPTS_MAX };
}

function* overNrpe(world: World, nagios: Process, node: LabNode, id: ReviewCheck): Task<PluginResult> {
  const { network } = world;
  return yield* until<PluginResult>((done) => {
    let isOver = false;
    const finish = (result: PluginResult) => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      done(result);
    };
    const timer = nagios.after(NRPE_TIMEOUT_MS, () => finish(TIMEOUT));
    network.send(OPERATOR_MACHINE, node.name, () => {
      const plugin = node.host.spawn("nrpe");
      const kill = plugin.after(NRPE_TIMEOUT_MS, () => plugin.end({ code: "killed", signal: "KILL" }));
      const told = (result: PluginResult) => {
        kill.cancel();
        plugin.end({ code: "exited", status: exitOf(result.state) });
        network.send(node.name, OPERATOR_MACHINE, () => nagios.deliver(() => finish(result)));
      };
      const running = PLUGINS[id](node, plugin);
      if ("state" in running) told(running);
      else runTask(running, told);
    });
  });
}

function exitOf(state: NagiosState): number {
  return ["OK", "WARNING", "CRITICAL", "UNKNOWN"].indexOf(state);
}
