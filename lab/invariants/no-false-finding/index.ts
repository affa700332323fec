import type { Ladder } from "../../../src/core/ladder/climb.ts";
import type { NodeName } from "../../../src/core/model/observation.ts";
import type { RungId } from "../../../src/core/model/verdict.ts";
import { createHeld } from "../breaks.ts";
import { type Invariant, type InvariantContext, type Violation, violation, type WatchedQuorate } from "../invariant.ts";
import { createSince, type Since } from "../since.ts";
import type { Truth } from "../truth.ts";

/**
 * How long after its reason a finding may stay, in ms: until the next proof. Feed and cache are proven by writes that pass,
 * after a poll that may hang for 20 s and a cache that may be rebuilt.
 */
const GRACE_MS: Readonly<Record<RungId, number>> = {
  unit: 15_000,
  quorum: 30_000,
  store: 30_000,
  feed: 45_000,
  cache: 90_000,
};

/** From here on a disk or a way makes writes and reads late: usual are 2 ms and 1 ms. */
const SLOW_MS = 50;

/** Below this a datastore has no room for its next segment and snapshot. */
const FREE_BYTES_MIN = 64 * 1024 * 1024;

/**
 * No rung is called broken without something in the world that breaks it. What is wrong on Quorate's own way to a node (a
 * cut, a delay, its own pause, a clock that is off) explains nothing: then the rung is unknown.
 */
export const noFalseFinding: Invariant = {
  id: "no-false-finding",
  title: "no finding without a break",
  law: null,
  create: ({ truth, quorates }: InvariantContext) => {
    const since = createSince();
    const held = createHeld();
    const isSaid = new Set<string>();
    let busyCount = 0;

    function look(): void {
      const nowMs = truth.nowMs();
      const busy = truth.busyCount();
      since.see("leaderless", truth.leader() === null, nowMs);
      since.see("slow", busy !== busyCount || truth.nodes.some((node) => !truth.isQuick(node)) || isSlow(truth), nowMs);
      busyCount = busy;
      for (const node of truth.nodes) seeNode(truth, node, { since, isHeld: held.now.has(node), nowMs });
    }

    function judge(quorate: WatchedQuorate, ladder: Ladder): Violation | null {
      for (const { node, verdicts } of ladder.nodes) {
        for (const { rung, state, reason, message } of verdicts) {
          if (state !== "broken" || isExplained(truth, { since, node, rung })) continue;
          const key = `${quorate.name} ${node} ${rung}`;
          if (isSaid.has(key)) continue;
          isSaid.add(key);
          return violation(`${quorate.name} called ${rung} of ${node} broken (${reason}), and nothing was: ${message}`);
        }
      }
      return null;
    }

    return {
      onEvent: (event) => {
        held.see(event);
        if (event.kind === "unit" || event.kind === "leader" || event.kind === "fault") look();
        if (event.kind !== "ladder") return null;
        look();
        const quorate = quorates.find(({ name }) => name === event.quorate);
        return quorate === undefined ? null : judge(quorate, event.ladder);
      },
      check: () => {
        look();
        for (const quorate of quorates) {
          const found = quorate.ladder === null ? null : judge(quorate, quorate.ladder);
          if (found !== null && quorate.state === "running" && quorate.watchingSinceMs !== null) return found;
        }
        return null;
      },
    };
  },
};

interface Look {
  readonly since: Since;
  readonly isHeld: boolean;
  readonly nowMs: number;
}

function seeNode(truth: Truth, node: NodeName, { since, isHeld, nowMs }: Look): void {
  const isUp = truth.isUp(node);
  const isActive = (role: "datastore" | "kubelite") => truth.unit(node, role).activeState === "active";
  since.see(
    `unit ${node}`,
    !isUp || truth.isStopMarked(node) || !isActive("datastore") || !isActive("kubelite"),
    nowMs,
  );
  since.see(`member ${node}`, !isUp || truth.process(node, "datastore") !== "running", nowMs);
  since.see(`api ${node}`, !isUp || truth.process(node, "kubelite") !== "running", nowMs);
  since.see(
    `cut ${node}`,
    truth.nodes.some((other) => !truth.reaches(node, other)),
    nowMs,
  );
  const muted = truth.mutedPrefixes(node);
  since.see(`feed ${node}`, isUp && (!truth.isPollAlive(node) || muted.includes("/registry/leases/")), nowMs);
  since.see(`cache ${node}`, isHeld || muted.length > 0, nowMs);
}

function isSlow(truth: Truth): boolean {
  return truth.nodes.some((node) => {
    const { freeBytes, syncMs } = truth.disk(node);
    if (freeBytes < FREE_BYTES_MIN || syncMs > SLOW_MS) return true;
    return truth.nodes.some((other) => truth.delayMs(node, other) > SLOW_MS);
  });
}

function isExplained(
  truth: Truth,
  { since, node, rung }: { readonly since: Since; readonly node: NodeName; readonly rung: RungId },
): boolean {
  const nowMs = truth.nowMs();
  const was = (key: string) => since.agoMs(key, nowMs) <= GRACE_MS[rung];
  const anywhere = (what: string) => truth.nodes.some((one) => was(`${what} ${one}`));
  switch (rung) {
    case "unit":
      return was(`unit ${node}`);
    case "quorum":
      return was(`member ${node}`) || was(`cut ${node}`) || was("leaderless");
    case "store":
      return was(`member ${node}`) || was(`cut ${node}`) || was("leaderless") || was("slow");
    case "feed":
      return was(`feed ${node}`) || anywhere("member") || anywhere("cut") || was("leaderless") || was("slow");
    case "cache":
      return (
        was(`cache ${node}`) ||
        was(`feed ${node}`) ||
        was(`api ${node}`) ||
        anywhere("member") ||
        anywhere("cut") ||
        was("leaderless") ||
        was("slow")
      );
  }
}
