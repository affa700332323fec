import type { JournalEntry } from "../../world/host/host.ts";
import type { Command, CommandIo, Machine } from "./machine.ts";

/** journalctl opens its files in some 15 ms and reads some 50,000 entries a second. */
const OPEN_MS = 15;
const ENTRIES_PER_MS = 50;

interface Request {
  readonly units: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly afterCursor: string | null;
  readonly lines: number | null;
  readonly follows: boolean;
  readonly output: "export" | "short" | "cat";
}

/** journalctl with --unit, --since, --until, --lines, --follow, --after-cursor and -o export, short or cat. */
export const journalctl: Command = (machine, argv, io) => {
  const request = parse(machine, argv.slice(1));
  if (typeof request === "string") {
    io.err(`${request}\n`);
    return io.exit(1);
  }
  const found = select(machine, request);
  /** What comes while it opens its files is told as well, after what was there. */
  let waiting: JournalEntry[] | null = [];
  if (request.follows) {
    const end = machine.node.host.journal.follow((entry) => {
      if (!isWanted(entry, request.units)) return;
      if (waiting === null) print(machine, entry, request, io);
      else waiting.push(entry);
    });
    io.onKill(end);
    io.process.onEnd(end);
  }
  io.process.after(OPEN_MS + Math.ceil(found.length / ENTRIES_PER_MS), () => {
    for (const entry of [...found, ...(waiting ?? [])]) print(machine, entry, request, io);
    waiting = null;
    if (request.follows) return;
    if (found.length === 0 && request.output !== "export") io.out("-- No entries --\n");
    io.exit(0);
  });
};

function parse(machine: Machine, words: readonly string[]): Request | string {
  const nowMs = machine.node.host.clock.nowMs();
  const bag = new Map<string, string[]>();
  for (let at = 0; at < words.length; at += 1) {
    const [, name = "", value] = /^(?:--([a-z-]+)(?:=(.*))?|-[a-zA-Z])$/s.exec(words[at] ?? "") ?? [];
    const short = SHORT[words[at] ?? ""];
    const key = name || short?.name;
    if (key === undefined) return `journalctl: the lab does not know ${words[at] ?? ""}`;
    const given = value ?? (short?.takesValue === true ? (words[(at += 1)] ?? "") : "");
    bag.set(key, [...(bag.get(key) ?? []), given]);
  }
  const one = (name: string): string | null => bag.get(name)?.at(-1) ?? null;
  const since = instant(one("since"), nowMs);
  const until = instant(one("until"), nowMs);
  if (since === undefined || until === undefined) return "Failed to parse timestamp";
  const lines = one("lines");
  const follows = bag.has("follow");
  const output = one("output") ?? "short";
  return {
    units: (bag.get("unit") ?? []).map((unit) => (unit.endsWith(".service") ? unit : `${unit}.service`)),
    fromMs: since ?? 0,
    untilMs: until,
    afterCursor: one("after-cursor"),
    lines: lines === null ? (follows && !bag.has("no-tail") ? 10 : null) : Number(lines),
    follows,
    output: output === "export" ? "export" : output === "cat" ? "cat" : "short",
  };
}

const SHORT: Readonly<Record<string, { readonly name: string; readonly takesValue: boolean }>> = {
  "-u": { name: "unit", takesValue: true },
  "-n": { name: "lines", takesValue: true },
  "-o": { name: "output", takesValue: true },
  "-S": { name: "since", takesValue: true },
  "-U": { name: "until", takesValue: true },
  "-f": { name: "follow", takesValue: false },
  "-q": { name: "quiet", takesValue: false },
};

/** `@SECONDS.mmm` and `-30s`, as ms of the host's clock; null when not given, undefined when it is neither. */
function instant(word: string | null, nowMs: number): number | null | undefined {
  if (word === null) return null;
  if (word === "now") return nowMs;
  const absolute = /^@(\d+(?:\.\d+)?)$/.exec(word)?.[1];
  if (absolute !== undefined) return Math.round(Number(absolute) * 1000);
  const [, amount, unit] = /^-(\d+) ?(s|sec|m|min|h|d)$/.exec(word) ?? [];
  if (amount === undefined) return undefined;
  const unitMs = unit?.startsWith("s") ? 1000 : unit?.startsWith("m") ? 60_000 : unit === "h" ? 3_600_000 : 86_400_000;
  return nowMs - Number(amount) * unitMs;
}

function select(machine: Machine, { units, fromMs, untilMs, afterCursor, lines }: Request): readonly JournalEntry[] {
  const range = { fromMs, ...(untilMs === null ? {} : { untilMs: untilMs + 1 }) };
  const wanted = machine.node.host.journal.read(range).filter((entry) => isWanted(entry, units));
  const place = afterCursor === null ? -1 : wanted.findIndex((entry) => entry.cursor === afterCursor);
  const after = wanted.slice(place + 1);
  return lines === null ? after : lines === 0 ? [] : after.slice(-lines);
}

/** `--unit=`: the unit's own lines, and those of systemd about it. */
function isWanted({ fields }: JournalEntry, units: readonly string[]): boolean {
  if (units.length === 0) return true;
  if (units.includes(fields["_SYSTEMD_UNIT"] ?? "")) return true;
  return fields["_PID"] === "1" && units.includes(fields["UNIT"] ?? "");
}

function print(machine: Machine, entry: JournalEntry, { output }: Request, io: CommandIo): void {
  if (output === "export") return io.out(exported(entry, bootId(machine)));
  const message = entry.fields["MESSAGE"] ?? "";
  if (output === "cat") return io.out(`${message}\n`);
  const at = new Date(entry.realtimeMs).toISOString().slice(5, 19).replace("T", " ");
  const pid = entry.fields["_PID"] === undefined ? "" : `[${entry.fields["_PID"]}]`;
  io.out(`${at} ${machine.node.name} ${entry.fields["SYSLOG_IDENTIFIER"] ?? "unknown"}${pid}: ${message}\n`);
}

/** 32 hex digits that change with each boot. */
function bootId({ node: { host } }: Machine): string {
  return host.bootedAtMs.toString(16).padStart(32, "b0");
}

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: text fields as a line, others with their length in front. */
export function exported(entry: JournalEntry, bootId: string): Buffer {
  const head =
    `__CURSOR=${entry.cursor}\n__REALTIME_TIMESTAMP=${Math.floor(entry.realtimeMs * 1000)}\n` +
    `__MONOTONIC_TIMESTAMP=${Math.floor(entry.monotonicMs * 1000)}\n`;
  const fields = Object.entries({ _BOOT_ID: bootId, ...entry.fields }).map(([name, value]) => field(name, value));
  return Buffer.concat([Buffer.from(head), ...fields, Buffer.from("\n")]);
}

function field(name: string, value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  // Anything but printable text and tabs travels with its length, so that no message can look like the next entry.
  if (bytes.every((byte) => byte >= 0x20 || byte === 0x09))
    return Buffer.concat([Buffer.from(`${name}=`), bytes, Buffer.from("\n")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}
