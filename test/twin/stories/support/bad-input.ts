import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { DoctorReport } from "../../../../src/cli/report/doctor-report.ts";
import {
  faults,
  inLab,
  kubeconfig,
  type NodeName,
  NODES,
  PKI_DIR,
  run,
  runOnNode,
  runOnNodeOk,
  type RunResult,
  SNAP_DATA,
  sshConfigPath,
  waitUntil,
} from "../../lib/twin.ts";
import { newState } from "./quorate.ts";

const MAIN = join(import.meta.dirname, "../../../../src/cli/main.ts");
const READ_LOCK = join(import.meta.dirname, "read-lock.ts");
const CERTIFICATES = join(import.meta.dirname, "../../../../src/adapters/net/fixtures/certs");

/** A first answer within 8 s, the final one 10 s later, and 10 s for a loaded machine. */
const DOCTOR_BOUND_MS = 28_000;

/** When the answer is sure to be there or never will be. */
const HANGS_MS = 90_000;

export interface Answer extends RunResult {
  readonly tookMs: number;
}

export interface DoctorAnswer extends Answer {
  readonly report: DoctorReport;
}

/** How the command is started; for an observer whose clock is wrong. */
export type Wrap = (argv: readonly string[]) => readonly string[];

/** An observer whose clock is an hour ahead. */
export const hourAhead: Wrap = (argv) => faults.skewedArgv(3600, argv);

/** Runs the command in the network of the nodes. What it says must be lines for people, never a stack. */
export async function ask(argv: readonly string[], wrap: Wrap = (same) => same): Promise<Answer> {
  return timed(() => run(inLab([...wrap([process.execPath, MAIN, ...argv])]), { timeoutMs: HANGS_MS }));
}

/** The same for any other way to run it. */
export async function timed(start: () => Promise<RunResult>): Promise<Answer> {
  const startedMs = performance.now();
  const result = await start();
  const tookMs = Math.round(performance.now() - startedMs);
  expect(result.timedOut, `no answer within ${HANGS_MS} ms`).toBe(false);
  expect(result.stdout + result.stderr).not.toMatch(/\n\s+at /);
  return { ...result, tookMs };
}

/** doctor's document, given within the time that it promises. */
export async function askDoctor(flags: readonly string[], wrap?: Wrap): Promise<DoctorAnswer> {
  return readDoctor(await ask(["doctor", ...flags, "-o", "json"], wrap));
}

export function readDoctor(answer: Answer): DoctorAnswer {
  expect(answer.stdout, answer.stderr).not.toBe("");
  expect(answer.tookMs).toBeLessThan(DOCTOR_BOUND_MS);
  const report = JSON.parse(answer.stdout) as DoctorReport;
  expect(answer.code).toBe(report.exitCode);
  return { ...answer, report };
}

/** The states of a node's rungs, from the ground up. */
export function statesOf(report: DoctorReport, node: string): Readonly<Record<string, string>> {
  const verdicts = report.nodes.find((one) => one.node === node)?.verdicts ?? [];
  return Object.fromEntries(verdicts.map(({ rung, state }) => [rung, state]));
}

/** Every rung ok. */
export const ALL_OK = { unit: "ok", quorum: "ok", store: "ok", feed: "ok", cache: "ok" };

/** The verdict on one rung; what it says is one line. */
export function verdictOf(report: DoctorReport, node: string, rung: string) {
  const found = report.nodes.find((one) => one.node === node)?.verdicts.find((one) => one.rung === rung);
  if (found === undefined) throw new Error(`no verdict on ${rung} of ${node}`);
  expect(found.message).not.toContain("\n");
  return { state: found.state, reason: found.reason, message: found.message };
}

/** Waits until doctor finds nothing: units that were started by a story are no longer new. */
export async function waitUntilOk(flags: readonly string[]): Promise<void> {
  await waitUntil("a healthy cluster", async () => (await ask(["doctor", ...flags, "-o", "json"])).code === 0, {
    timeoutMs: 150_000,
    everyMs: 1000,
  });
}

const KUBECONFIG = `${SNAP_DATA}/credentials/client.config`;
const KEPT = `${KUBECONFIG}.kept`;

/** Runs `story` while the node's kubeconfig is this text, or is missing. */
export async function withKubeconfig(node: NodeName, text: string | null, story: () => Promise<void>): Promise<void> {
  await runOnNodeOk(node, ["mv", KUBECONFIG, KEPT]);
  try {
    if (text !== null) await runOnNodeOk(node, ["sh", "-c", 'cat > "$0"', KUBECONFIG], { input: text });
    await story();
  } finally {
    await restoreKubeconfig(node);
  }
}

/** Puts the kept kubeconfig back, if there is one: a story that was killed may have left it. */
export async function restoreKubeconfig(node: NodeName): Promise<void> {
  await runOnNode(node, ["mv", "-f", KEPT, KUBECONFIG]);
}

/** The administrator's kubeconfig with another authority. */
export async function kubeconfigOfOtherCa(): Promise<string> {
  const ca = await readFile(join(CERTIFICATES, "other-ca.crt"));
  return replaceLine(await kubeconfig("admin", "client"), "certificate-authority-data", ca.toString("base64"));
}

/** The administrator's kubeconfig with a client certificate that an authority of somebody else has signed. */
export async function kubeconfigOfStranger(): Promise<string> {
  return withPair(join(CERTIFICATES, "client.crt"), join(CERTIFICATES, "client.key"));
}

/** The administrator's kubeconfig with a client certificate of the right authority that ended a month ago. */
export async function kubeconfigOfExpired(): Promise<string> {
  const out = join(newState(), "expired.crt");
  const ca = ["-CA", join(PKI_DIR, "ca.crt"), "-CAkey", join(PKI_DIR, "ca.key"), "-set_serial", "77"];
  const sign = ["openssl", "x509", "-req", "-in", join(PKI_DIR, "client.csr"), ...ca, "-days", "1", "-out", out];
  const signed = await run(faults.skewedArgv(-30 * 86_400, sign));
  if (signed.code !== 0) throw new Error(signed.stderr);
  return withPair(out, join(PKI_DIR, "client.key"));
}

/** The administrator's kubeconfig with a bearer token instead of a certificate. */
export async function kubeconfigOfToken(token: string): Promise<string> {
  const text = await kubeconfig("admin", "client");
  return text.replace(/^ *client-key-data: .*\n/m, "").replace(/client-certificate-data: .*/, `token: ${token}`);
}

async function withPair(certificate: string, key: string): Promise<string> {
  const text = await kubeconfig("admin", "client");
  const [crt, pem] = await Promise.all([readFile(certificate), readFile(key)]);
  const first = replaceLine(text, "client-certificate-data", crt.toString("base64"));
  return replaceLine(first, "client-key-data", pem.toString("base64"));
}

function replaceLine(text: string, key: string, value: string): string {
  return text.replace(new RegExp(`${key}: .*`), `${key}: ${value}`);
}

/** Flags for the three nodes with these lines of ssh configuration in front of the twin's own for one of them. */
export async function sshFlags(node: NodeName, lines: readonly string[]): Promise<readonly string[]> {
  const path = join(newState(), "ssh_config");
  const own = lines.map((line) => `  ${line}`);
  await writeFile(path, [`Host ${node}`, ...own, "Match all", `Include ${sshConfigPath}`, ""].join("\n"));
  return ["--ssh-config", path, ...NODES.flatMap((one) => ["--ssh", one])];
}

/** Flags for the three nodes by the login `ops` (sudo without a password) or `nosudo`. */
export function loginFlags(user: string): readonly string[] {
  return ["--ssh-config", sshConfigPath, ...NODES.flatMap((node) => ["--ssh", `${node}-${user}`])];
}

/** Listens on dqlite's port and greets like a mail server: something that talks, but not dqlite. */
const LIAR = `import socket, threading
def serve(c):
    try:
        c.sendall(b"220 mail.example.org ESMTP ready\\r\\n")
        while c.recv(4096):
            c.sendall(b"500 what?\\r\\n")
    except OSError:
        pass
s = socket.create_server(("0.0.0.0", 19001))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()`;

const LIAR_UNIT = "story-liar.service";

/** Starts the liar in place of the node's dqlite, which must be stopped. */
export async function startLiar(node: NodeName): Promise<void> {
  await runOnNodeOk(node, ["systemd-run", `--unit=${LIAR_UNIT}`, "--collect", "--quiet", "python3", "-c", LIAR]);
  await waitUntil(
    `${node}: the liar listens`,
    async () => (await runOnNode(node, ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/19001"])).code === 0,
    { timeoutMs: 20_000 },
  );
}

export async function stopLiar(node: NodeName): Promise<void> {
  await runOnNode(node, ["systemctl", "stop", LIAR_UNIT]);
}

/** Who holds the restart lock, by the product's own adapter, and what a take by another one is answered. */
export async function readLock(node: NodeName, wrap: Wrap): Promise<{ holder: string | null; take: string }> {
  const argv = wrap([process.execPath, READ_LOCK, sshConfigPath, node]);
  const { stdout, stderr } = await timed(() => run(inLab([...argv]), { timeoutMs: HANGS_MS }));
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as { holder: string | null; take: string };
}

/** A directory on a disk of 64 KiB of its own. */
export async function withSmallDisk(story: (directory: string, fill: () => Promise<void>) => Promise<void>) {
  const directory = newState();
  const mounted = await run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]);
  expect(mounted.code, mounted.stderr).toBe(0);
  try {
    await story(directory, async () => {
      const full = await run(["dd", "if=/dev/zero", `of=${join(directory, "full")}`, "bs=4096"]);
      expect(full.stderr).toMatch(/No space left/);
    });
  } finally {
    await run(["umount", directory]);
    await rm(directory, { recursive: true, force: true });
  }
}
