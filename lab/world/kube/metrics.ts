import type { Cacher } from "./cacher.ts";
import type { ReadCounts } from "./reads.ts";

/** `/metrics`, as far as it tells of the watch caches; names and labels of Kubernetes 1.34 to 1.36. */
export function metricsText(cachers: readonly Cacher[], reads: ReadonlyMap<string, ReadCounts>): string {
  const lines: string[] = [];
  const family = (name: string, type: "gauge" | "counter", value: (cacher: Cacher) => number) => {
    lines.push(`# TYPE ${name} ${type}`);
    for (const cacher of cachers) lines.push(`${name}{${labels(cacher)}} ${value(cacher)}`);
  };
  family("apiserver_watch_cache_resource_version", "gauge", ({ cache }) => cache.revision);
  family("apiserver_watch_cache_events_received_total", "counter", ({ eventsReceived }) => eventsReceived);
  family("apiserver_storage_events_received_total", "counter", ({ eventsReceived }) => eventsReceived);
  family("apiserver_watch_cache_initializations_total", "counter", ({ initializations }) => initializations);
  family("etcd_bookmark_total", "counter", ({ bookmarks }) => bookmarks);
  family("apiserver_storage_objects", "gauge", ({ cache }) => cache.size);

  lines.push("# TYPE apiserver_watch_cache_consistent_read_total counter");
  for (const cacher of cachers) {
    const counts = reads.get(cacher.cache.resource.prefix);
    if (counts === undefined) continue;
    const row = (fallback: boolean, success: boolean, value: number) => {
      if (value === 0) return;
      const how = `fallback="${fallback}",${labels(cacher)},success="${success}"`;
      lines.push(`apiserver_watch_cache_consistent_read_total{${how}} ${value}`);
    };
    row(false, true, counts.fromCache);
    row(true, true, counts.fellBack);
    row(false, false, counts.failed);
  }
  lines.push("# TYPE apiserver_watch_cache_read_wait_seconds summary");
  for (const cacher of cachers) {
    const counts = reads.get(cacher.cache.resource.prefix);
    if (counts === undefined) continue;
    lines.push(`apiserver_watch_cache_read_wait_seconds_sum{${labels(cacher)}} ${counts.waitedMs / 1000}`);
    lines.push(`apiserver_watch_cache_read_wait_seconds_count{${labels(cacher)}} ${counts.waits}`);
  }
  return `${lines.join("\n")}\n`;
}

function labels({ cache }: Cacher): string {
  return `group="${cache.resource.group}",resource="${cache.resource.plural}"`;
}
