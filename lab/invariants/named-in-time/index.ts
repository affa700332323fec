import { CACHED_RESOURCES, resourceName } from "../../../src/app/kube/cached-resources.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import type { RungId } from "../../../src/core/model/verdict.ts";
import { isDown } from "../breaks.ts";
import { type Invariant, violation, type WatchedQuorate } from "../invariant.ts";
import { createSince } from "../since.ts";
import type { Truth } from "../truth.ts";

type Named = Exclude<RungId, "store">;

/**
 * How long a break that can be seen may stay without its name, in ms of undisturbed watching. `unit`: systemd is asked every
 * 2 s with a deadline of 4 s. `quorum`: 7.5 s for an election, a round of questions with 2 s each, and once more. `feed`: 23 s
 * while a member is silent, and a Watch that is opened anew. `cache`: two LISTs that wait 3 s each, with their pauses, behind
 * a store that may just have been slow.
 */
const BOUND_MS: Readonly<Record<Named, number>> = { unit: 15_000, quorum: 30_000, feed: 60_000, cache: 60_000 };

/** The cluster must have been calm for this long before a feed or a cache can be judged: starting counts for 15 s. */
const CALM_MS = 30_000;

/** A way that is slower than this makes healthy reads late. */
const SLOW_WAY_MS = 200;

/** The stored prefix of each judged resource, which is not always its name. */
const RESOURCE_BY_PREFIX: ReadonlyMap<string, string> = new Map(
  CACHED_RESOURCES.map((resource) => [prefixOf(resource.plural), resourceName(resource)]),
);

function prefixOf(plural: string): string {
  if (plural === "nodes") return "/registry/minions/";
  return plural === "services" ? "/registry/services/specs/" : `/registry/${plural}/`;
}

/** A real break is named at its right rung within its bound, by each Quorate that could see it all the time. */
export const namedInTime: Invariant = {
  id: "named-in-time",
  title: "a real break is named at its right rung within its bound",
  law: null,
  create: ({ truth, quorates }) => {
    const since = createSince();
    const isSaid = new Set<string>();
    const resumes = new Map<NodeName, number>();
    let isJudged = true;
    return {
      onEvent: (event) => {
        if (event.kind === "phase") isJudged = event.phase !== "over";
        return null;
      },
      check: () => {
        if (!isJudged) return null;
        const nowMs = truth.nowMs();
        since.see("calm", isCalm(truth), nowMs);
        for (const node of truth.nodes) {
          since.see(`serving ${node}`, truth.process(node, "datastore") === "running", nowMs);
          since.see(`api ${node}`, truth.process(node, "kubelite") === "running", nowMs);
          const count = truth.resumes(node, "datastore");
          if (count !== resumes.get(node)) since.restart(`steady ${node}`, nowMs);
          since.see(`steady ${node}`, true, nowMs);
          resumes.set(node, count);
        }
        for (const quorate of quorates) {
          const isWatching =
            quorate.watchingSinceMs !== null && quorate.state === "running" && reachesAll(truth, quorate);
          for (const node of quorate.nodes) {
            const expected = isWatching ? expectedOn(truth, node, (key) => since.forMs(key, nowMs) >= CALM_MS) : null;
            for (const rung of ["unit", "quorum", "feed", "cache"] as const) {
              const key = `${quorate.name} ${node} ${rung}`;
              since.see(key, expected === rung, nowMs);
              const forMs = Math.min(since.forMs(key, nowMs), since.forMs(`steady ${node}`, nowMs));
              const said = quorate.ladder?.causes.find((cause) => cause.node === node)?.rung ?? null;
              if (forMs <= BOUND_MS[rung] || said === rung || isSaid.has(key)) continue;
              isSaid.add(key);
              return violation(
                `${rung} of ${node} has been broken for ${Math.round(forMs / 1000)} s in ${quorate.name}'s sight, which names ${said ?? "nothing"} there`,
              );
            }
          }
        }
        return null;
      },
    };
  },
};

/** The lowest rung that is really broken there, where that can be known from outside; null when nothing is, or it cannot. */
function expectedOn(truth: Truth, node: NodeName, isLong: (key: string) => boolean): Named | null {
  if (!truth.isUp(node)) return null;
  if (truth.isStopMarked(node) || isDown(truth, node)) return "unit";
  if (["datastore", "kubelite"].some((role) => truth.unit(node, role as "datastore").activeState !== "active"))
    return null;
  const member = truth.process(node, "datastore");
  if (member === "down") return null;
  if (truth.leader() === null) {
    return member === "running" && isLong(`serving ${node}`) && truth.voters().includes(node) ? "quorum" : null;
  }
  if (member === "paused") return "quorum";
  if (!isLong("calm") || !isLong(`serving ${node}`)) return null;
  if (!truth.isPollAlive(node)) return "feed";
  if (!isLong(`api ${node}`)) return null;
  return truth.mutedPrefixes(node).some((prefix) => isFrozen(truth, node, prefix)) ? "cache" : null;
}

/** A mute stream may be Quorate's own: the apiserver's leaves its cache behind. */
function isFrozen(truth: Truth, node: NodeName, prefix: string): boolean {
  const resource = RESOURCE_BY_PREFIX.get(prefix);
  if (resource === undefined || !truth.isJudged(resource)) return false;
  return (truth.cacheRevisions(node).get(resource) ?? Number.POSITIVE_INFINITY) < truth.revision() - STANDS_STILL;
}

/** Revisions that a healthy cache is never behind by: heartbeats alone make one or two a second. */
const STANDS_STILL = 20;

/** A leader, every member running, all ways open and fast, a store that answers at once. */
function isCalm(truth: Truth): boolean {
  const leader = truth.leader();
  if (leader === null) return false;
  return truth.nodes.every((node) => {
    if (!truth.isUp(node) || truth.process(node, "datastore") !== "running" || !truth.isQuick(node)) return false;
    return truth.nodes.every((other) => isFast(truth, node, other));
  });
}

function reachesAll(truth: Truth, quorate: WatchedQuorate): boolean {
  return quorate.nodes.every((node) => truth.isUp(node) && isFast(truth, quorate.place, node));
}

function isFast(truth: Truth, one: NodeName, other: NodeName): boolean {
  if (!truth.reaches(one, other)) return false;
  return truth.delayMs(one, other) < SLOW_WAY_MS && truth.delayMs(other, one) < SLOW_WAY_MS;
}
