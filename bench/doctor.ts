import { inLab, NODES, run, sshConfigPath } from "../test/twin/lib/twin.ts";
import { summary } from "./machine.ts";

const MAIN = new URL("../src/cli/main.ts", import.meta.url).pathname;
const BUNDLE = new URL("../dist/quorate.mjs", import.meta.url).pathname;
const RUNS = 7;

/** Peer: what an operator types today, one after the other on each node. It says nothing about watches. */
const PEER = ["curl", "-sSk", "-o", "/dev/null", "-w", "%{http_code}", "https://127.0.0.1:16443/readyz"];

/**
 * Doctor's wall time and memory on three healthy nodes over ssh, from the sources and from the bundle, beside the peer:
 * `ssh NODE curl …/readyz` on the three nodes in turn. Returns lines to print.
 */
export async function benchDoctor(): Promise<readonly string[]> {
  const cluster = ["--ssh-config", sshConfigPath, ...NODES.flatMap((node) => ["--ssh", node])];
  const sources = await measure([process.execPath, MAIN, "doctor", ...cluster, "-o", "json"]);
  const bundle = await measure([process.execPath, BUNDLE, "doctor", ...cluster, "-o", "json"]);
  const peer = await peerSeconds();
  const ratio = median(bundle.seconds) / median(peer);
  return [
    `doctor, three nodes over ssh, sources: ${summary(sources.seconds, "s")}`,
    `doctor, three nodes over ssh, bundle:  ${summary(bundle.seconds, "s")}`,
    `peer, ssh + curl /readyz on each:      ${summary(peer, "s")}; doctor/peer ${ratio.toFixed(1)}`,
    `doctor's own memory (max RSS):         ${summary(bundle.megabytes, "MB", 0)}`,
  ];
}

interface Measured {
  readonly seconds: number[];
  readonly megabytes: number[];
}

async function measure(argv: readonly string[]): Promise<Measured> {
  const measured: Measured = { seconds: [], megabytes: [] };
  for (let index = 0; index < RUNS; index += 1) {
    const startMs = performance.now();
    const result = await run(inLab(argv), { timeoutMs: 60_000 });
    if (result.code !== 0) throw new Error(`doctor on a healthy cluster: exit ${result.code}: ${result.stderr}`);
    measured.seconds.push((performance.now() - startMs) / 1000);
    measured.megabytes.push(await rssMegabytes(argv));
  }
  return measured;
}

/** Peak memory of one more run, as the kernel tells it to the parent. */
async function rssMegabytes(argv: readonly string[]): Promise<number> {
  const script =
    "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
  const result = await run(inLab(["python3", "-c", script, ...argv]), { timeoutMs: 60_000 });
  return Number(result.stdout) / 1024;
}

async function peerSeconds(): Promise<number[]> {
  const seconds: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const startMs = performance.now();
    for (const node of NODES) await run(inLab(["ssh", "-F", sshConfigPath, node, ...PEER]), { timeoutMs: 20_000 });
    seconds.push((performance.now() - startMs) / 1000);
  }
  return seconds;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
