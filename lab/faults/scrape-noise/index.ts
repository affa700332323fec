import { drawSeconds, numberOf, planOf } from "../drawing.ts";
import type { Fault } from "../fault.ts";
import { RELEASES } from "../../world/releases.ts";
import { ask, endClient, startClient } from "../client.ts";

/** Prometheus scrapes every 15 s to 5 min, in ms. */
const EVERY_MS = { min: 15_000, max: 300_000 } as const;

/**
 * Somebody scrapes the apiservers' /metrics. On Kubernetes 1.34 to 1.36 each scrape opens an etcd client and tears it down,
 * which prints `use of closed network connection` on kine.sock: noise, which the review of 2026-06-24 took for damage.
 */
export const scrapeNoise: Fault = {
  id: "scrape-noise",
  title: "metric scrapes print kine.sock warnings",
  breaks: null,
  leaves: "nothing",
  suits: ({ release }) => RELEASES[release].scrapeNoise,
  draw: (random, frame) =>
    planOf("scrape-noise", random, frame, {
      nodes: frame.spec.nodes.map(({ name }) => name),
      durationMs: drawSeconds(random, 60, 1800),
      parameters: { everyMs: random.between(EVERY_MS.min, EVERY_MS.max) },
    }),
  start: (world, _quorate, plan) => {
    const scraper = startClient(world, "Prometheus");
    const scrape = () => plan.nodes.forEach((node) => ask(world, scraper, node, { method: "GET", path: "/metrics" }));
    scraper.every(numberOf(plan, "everyMs"), scrape);
    scrape();
    return () => endClient(scraper);
  },
};
