import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODE_ARGV } from "./quorate.ts";

let directory = "";
/** Accepts connections and never says a word, as the sshd of a frozen node. */
let silent: Server;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "quorate-e2e-"));
  silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : 0;
  writeFileSync(join(directory, "ssh.config"), `Host silent\n  HostName 127.0.0.1\n  Port ${port}\n`);
});

afterAll(() => {
  silent.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the command, sends Ctrl-C once `ready` resolves, and waits for its end. */
async function interrupted(argv: readonly string[], ready: "output" | "connection") {
  const [program = "", ...rest] = [...NODE_ARGV, ...argv];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await (ready === "output" ? once(child.stdout, "data") : once(silent, "connection"));
  const startedMs = performance.now();
  child.kill("SIGINT");
  const [exitCode] = (await once(child, "close")) as [number | null];
  expect(output).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return { exitCode, output, tookMs: performance.now() - startedMs };
}

test.skipIf(!existsSync(join(import.meta.dirname, "../../recordings/feed-death.ndjson")))(
  "Ctrl-C ends the demonstration at once, exit code 130",
  async () => {
    const { exitCode, tookMs } = await interrupted(["demo", "--recording", "--speed", "1"], "output");
    expect(exitCode).toBe(130);
    expect(tookMs).toBeLessThan(3000);
  },
);

test.skipIf(!existsSync("/usr/bin/ssh"))("Ctrl-C ends doctor while a node gives no answer, exit code 130", async () => {
  const argv = ["doctor", "--ssh", "silent", "--ssh-config", join(directory, "ssh.config")];
  const { exitCode, tookMs } = await interrupted(argv, "connection");
  expect(exitCode).toBe(130);
  expect(tookMs).toBeLessThan(6000);
});

test.skipIf(!existsSync("/usr/bin/ssh"))("Ctrl-C ends recover before it has done anything, exit code 130", async () => {
  const state = join(directory, "state");
  const argv = ["recover", "--yes", "--state", state, "--ssh", "silent", "--ssh-config", join(directory, "ssh.config")];
  const { exitCode, output } = await interrupted(argv, "connection");
  expect(exitCode).toBe(130);
  expect(output).toContain("stopping at the next safe moment");
});
