import { cpus, release, totalmem } from "node:os";

/** One line that says what the figures were measured on. */
export function machineText(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory}, Linux ${release()}, Node ${process.version}`;
}

/** The value below which `share` of the sorted figures lie (nearest rank). Throws RangeError for no figures. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no figures");
  return value;
}

/** `min 1.2, median 3.4, p99 5.6, max 7.8 s (n=10)`. */
export function summary(figures: readonly number[], unit: string, digits = 2): string {
  const at = (share: number) => percentile(figures, share).toFixed(digits);
  return `min ${at(0)}, median ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ${unit} (n=${figures.length})`;
}
