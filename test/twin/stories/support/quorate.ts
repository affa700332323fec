import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DoctorReport } from "../../../../src/cli/report/doctor-report.ts";
import { inLab, NODES, run, type RunResult, sshConfigPath } from "../../lib/twin.ts";

const MAIN = join(import.meta.dirname, "../../../../src/cli/main.ts");
const KILLED = join(import.meta.dirname, "recover-killed.ts");
const NODE = process.execPath;

/** The flags that name the twin's three nodes. */
export const CLUSTER = ["--ssh-config", sshConfigPath, ...NODES.flatMap((node) => ["--ssh", node])];

/** A journal of its own, so that budgets and open runs of one story are not another's. */
export function newState(): string {
  return mkdtempSync(join(tmpdir(), "quorate-story-"));
}

/** Runs the real command in the network of the nodes. */
export function quorate(argv: readonly string[], timeoutMs = 180_000): Promise<RunResult> {
  return run(inLab([NODE, MAIN, ...argv]), { timeoutMs });
}

/** Runs `recover` so that it is killed by SIGKILL right after the given number of journal entries. */
export function recoverKilledAfter(entries: number, argv: readonly string[]): Promise<RunResult> {
  return run(inLab([NODE, KILLED, String(entries), ...argv]), { timeoutMs: 240_000 });
}

export interface DoctorRun extends RunResult {
  readonly report: DoctorReport;
}

/** One answer of doctor over the three nodes. */
export async function doctor(argv: readonly string[] = []): Promise<DoctorRun> {
  const result = await quorate(["doctor", ...CLUSTER, "-o", "json", ...argv]);
  if (result.stdout === "") throw new Error(`doctor printed nothing: ${result.stderr}`);
  return { ...result, report: JSON.parse(result.stdout) as DoctorReport };
}

/** What recover says in its document. */
export interface RecoverDocument {
  readonly result: string;
  readonly node: string | null;
  readonly runId: string | null;
  readonly message: string;
  readonly refusals: readonly { readonly rule: string; readonly reason: string }[];
}

export interface RecoverRun extends RunResult {
  readonly document: RecoverDocument;
}

/** Runs recover over the three nodes with its journal in `state`. */
export async function recover(state: string, argv: readonly string[] = []): Promise<RecoverRun> {
  const result = await quorate(["recover", ...CLUSTER, "-o", "json", "--yes", "--state", state, ...argv], 300_000);
  if (result.stdout === "") throw new Error(`recover printed nothing: ${result.stderr}`);
  return { ...result, document: JSON.parse(result.stdout) as RecoverDocument };
}

/** The state of one rung of one node in a report. */
export function rungOf(report: DoctorReport, node: string, rung: string): string {
  const verdicts = report.nodes.find((one) => one.node === node)?.verdicts ?? [];
  return verdicts.find((verdict) => verdict.rung === rung)?.state ?? "absent";
}

/** A doctor that watches while a story goes on. */
export interface Watching {
  readonly reports: DoctorReport[];
  /** Ends it and returns all reports. */
  stop(): Promise<readonly DoctorReport[]>;
}

/** Starts `doctor --watch`; every report lands in the list when it is printed. */
export function watch(argv: readonly string[] = []): Watching {
  const [file = "", ...args] = inLab([NODE, MAIN, "doctor", ...CLUSTER, "-o", "json", "--watch", ...argv]);
  const child: ChildProcess = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const reports: DoctorReport[] = [];
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) reports.push(JSON.parse(line) as DoctorReport);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    reports,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      return reports;
    },
  };
}
