import type { ReviewMonitoring } from "../../world/actors/review-monitoring.ts";
import type { DemoEvent } from "../event.ts";

/** Takes what Nagios showed since the last call: every change but the first OK of a check, which says nothing. */
export function createNagiosVoice({ timeline }: ReviewMonitoring): { readonly take: () => readonly DemoEvent[] } {
  const seen = new Set<string>();
  let taken = 0;
  return {
    take: () => {
      const fresh = timeline.slice(taken);
      taken = timeline.length;
      return fresh.flatMap((change) => {
        const key = `${change.node} ${change.check}`;
        const isFirst = !seen.has(key);
        seen.add(key);
        return isFirst && change.state === "OK" ? [] : [{ kind: "nagios", ...change }];
      });
    },
  };
}
