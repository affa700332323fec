import { createPrng } from "../../sim/prng.ts";
import type { Sim } from "../../sim/sim.ts";
import type { Journal, JournalEntry } from "./host.ts";
import { createEntries } from "./journal-entries.ts";
import { priorityOf, serviceName } from "./systemd-messages.ts";

/** What journald knows of its host. */
export interface JournaldHost {
  readonly sim: Sim;
  readonly name: string;
  readonly isUp: () => boolean;
  readonly nowMs: () => number;
  readonly bootedAtMs: () => number;
  readonly nextPid: () => number;
  /** Of the unit's present run; journald reads it from the unit's cgroup. */
  readonly invocationId: (unit: string) => string | null;
}

export interface Journald {
  readonly journal: Journal;
  /** The host has booted: what comes from now on belongs to the new boot. */
  boot(bootId: string): void;
}

type Fields = Readonly<Record<string, string>>;

/** Writers that are remembered; past it (pods come and go) they are looked up anew. */
const WRITERS_MAX = 500;

/** A syslog line names its sender by itself: `kubelet[4711]: text`. Anybody may write any name there. */
const SYSLOG_LINE = /^([\w./-]{1,64})(?:\[\d{1,10}\])?: ([\s\S]*)$/;

/** journald of one host. Rate limits are left out: nothing here prints 10,000 lines in 30 s. */
export function createJournald(host: JournaldHost): Journald {
  const entries = createEntries();
  const listeners = new Set<(entry: JournalEntry) => void>();
  const writers = new Map<string, Fields>();
  const seqnumId = createPrng(host.sim.seed, `journal ${host.name}`).hex(32);
  let sequence = 0;
  let bootId = "";

  /** What journald itself says of a writer: the same for all its lines. */
  function writer(key: string, make: () => Fields): Fields {
    let found = writers.get(key);
    if (found === undefined) {
      if (writers.size >= WRITERS_MAX) writers.clear();
      writers.set(key, (found = { ...make(), _BOOT_ID: bootId, _HOSTNAME: host.name }));
    }
    return found;
  }

  function append(trusted: Fields, own: Fields): void {
    if (!host.isUp()) return;
    sequence += 1;
    const realtimeMs = host.nowMs();
    const monotonicMs = host.sim.nowMs() - host.bootedAtMs();
    const entry: JournalEntry = {
      cursor: `s=${seqnumId};i=${sequence.toString(16)};b=${bootId};m=${us(monotonicMs)};t=${us(realtimeMs)};x=${sequence.toString(16)}`,
      realtimeMs,
      monotonicMs,
      // The trusted fields come last: no writer can set them.
      fields: { ...own, ...trusted },
    };
    entries.append(entry);
    for (const listener of listeners) listener(entry);
  }

  const journal: Journal = {
    print: ({ unit, identifier, pid }, line) => {
      const trusted = writer(`${unit} ${pid}`, () => ({
        _TRANSPORT: "stdout",
        _PID: String(pid),
        _SYSTEMD_UNIT: serviceName(unit),
        ...invocation("_SYSTEMD_INVOCATION_ID", unit),
      }));
      append(trusted, { PRIORITY: "6", SYSLOG_IDENTIFIER: identifier, MESSAGE: line });
    },
    printAsPod: (pod, line) => {
      const trusted = writer(`pod ${pod}`, () => podFields(host, pod));
      const [, identifier = pod, message = line] = SYSLOG_LINE.exec(line) ?? [];
      append(trusted, { PRIORITY: "6", SYSLOG_IDENTIFIER: identifier, MESSAGE: message });
    },
    printAsSystemd: (unit, messageId, line) => {
      const trusted = writer("systemd", () => SYSTEMD_FIELDS);
      append(trusted, {
        PRIORITY: priorityOf(messageId),
        SYSLOG_IDENTIFIER: "systemd",
        UNIT: serviceName(unit),
        ...invocation("INVOCATION_ID", unit),
        ...(messageId === "" ? {} : { MESSAGE_ID: messageId }),
        MESSAGE: line,
      });
    },
    read: ({ fromMs, untilMs, matches }) => entries.read(fromMs, untilMs ?? Number.POSITIVE_INFINITY, matches ?? {}),
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rotate: (olderThanMs) => entries.dropBefore(host.nowMs() - olderThanMs),
  };

  function invocation(field: string, unit: string): Fields {
    const id = host.invocationId(unit);
    return id === null ? {} : { [field]: id };
  }

  return {
    journal,
    boot: (newBootId) => {
      bootId = newBootId;
      writers.clear();
    },
  };
}

/** systemd itself is process 1, which journald finds in `init.scope`. */
const SYSTEMD_FIELDS: Fields = { _TRANSPORT: "journal", _PID: "1", _COMM: "systemd", _SYSTEMD_UNIT: "init.scope" };

/** A container that reaches the host's /dev/log: containerd's scope below kubepods, whatever the lines say. */
function podFields(host: JournaldHost, pod: string): Fields {
  const ids = createPrng(host.sim.seed, `container ${host.name} ${pod}`);
  const slice = `kubepods-besteffort-pod${ids.hex(32)}.slice`;
  const scope = `cri-containerd-${ids.hex(64)}.scope`;
  return {
    _TRANSPORT: "syslog",
    _PID: String(host.nextPid()),
    _SYSTEMD_UNIT: scope,
    _SYSTEMD_SLICE: slice,
    _SYSTEMD_CGROUP: `/kubepods.slice/kubepods-besteffort.slice/${slice}/${scope}`,
  };
}

function us(ms: number): string {
  return (ms * 1000).toString(16);
}
