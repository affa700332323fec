/** k8s-dqlite's own counters since its start. */
export interface DatastoreMetrics {
  /** Queries of the poll loop: at least one per second while watch events are delivered, flat once it is dead. */
  readonly pollQueries: number;
  /** All other statements. */
  readonly otherQueries: number;
  readonly failedTransactions: number;
}

/** `result` of a statement by `tx_name` (k8s-dqlite pkg/backend/sqlite/metrics.go; no `_total` suffix). */
const STATEMENTS = "k8s_dqlite_generic_op_result";

/** Final `result` of a transaction, after its retries. */
const TRANSACTIONS = "k8s_dqlite_generic_tx_result";

/** Only the poll loop uses it; watch starts use `after_sql_prefix` (k8s-dqlite pkg/backend/internal/backend/watcher.go). */
const POLL_TX_NAME = "after_sql_limit";

/** k8s-dqlite's lines have some 80 characters; the bound keeps a hostile line from costing quadratic time. */
const LINE_CHARS_MAX = 1024;

/** `name{labels} value [timestamp]`; the labels are looked at only for the two series above. */
const SAMPLE = /^(\w+)\{(.*)\}[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;

/** One label of the Prometheus text format 0.0.4, with escapes in its value. */
const LABEL = /[ \t]*(\w+)="((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y;

/**
 * The counters in a Prometheus text (format 0.0.4). Null when there is no statement counter: not a k8s-dqlite, or one
 * before 1.2. Lines that are malformed or of other series count for nothing. Never throws.
 */
export function parseDatastoreMetrics(text: string): DatastoreMetrics | null {
  let found = false;
  let pollQueries = 0;
  let otherQueries = 0;
  let failedTransactions = 0;
  for (const line of text.split("\n")) {
    // Cheap look first: a page has thousands of lines of other series.
    if (!line.startsWith(STATEMENTS) && !line.startsWith(TRANSACTIONS)) continue;
    const sample = line.length <= LINE_CHARS_MAX ? parseSample(line) : null;
    if (sample === null) continue;
    if (sample.name === STATEMENTS) {
      found = true;
      if (sample.labels["tx_name"] === POLL_TX_NAME) pollQueries += sample.count;
      else otherQueries += sample.count;
    } else if (sample.name === TRANSACTIONS && sample.labels["result"] === "fail") {
      failedTransactions += sample.count;
    }
  }
  return found ? { pollQueries, otherQueries, failedTransactions } : null;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

function parseSample(line: string): Sample | null {
  const [, name, labelText, valueText] = SAMPLE.exec(line) ?? [];
  if (name === undefined || labelText === undefined) return null;
  // A counter: NaN, infinities and negative numbers are not counts, whatever sends them.
  const count = Number(valueText);
  const labels = parseLabels(labelText);
  return labels !== null && Number.isFinite(count) && count >= 0 ? { name, labels, count } : null;
}

function parseLabels(text: string): Readonly<Record<string, string>> | null {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) return null;
    labels[name] = value;
  }
  return labels;
}
