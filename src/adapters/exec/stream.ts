import { performance } from "node:perf_hooks";
import { Duplex } from "node:stream";
import type { CommandResult, CommandStream } from "../../ports/node-access.ts";
import { captureBytes } from "./capture.ts";
import { startChild } from "./child.ts";
import { watchEnding } from "./ending.ts";
import { STDERR_BYTES_MAX } from "./run.ts";

export interface StreamOptions {
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for each piece of standard error as it arrives. */
  readonly onStderr?: (text: string) => void;
}

/**
 * Starts a long-running program. Its standard input stays open as long as we live and closes when we end, however
 * we end: a program that watches it (see node/leash.ts) never outlives us. Throws TapError when it cannot be started.
 */
export async function streamCommand(argv: readonly string[], options: StreamOptions = {}): Promise<CommandStream> {
  const { child, ending, ended } = await openCommand(argv, options);
  return {
    stdout: untilClosed(child.stdout),
    ended,
    async stop() {
      ending.stop();
      await ended;
    },
  };
}

/** The pipe's bytes until its end; that stop() closes it under a reader is such an end and no error. */
async function* untilClosed(pipe: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pipe;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

/** A program whose standard input and output are one two-way stream. */
export interface CommandDuplex {
  /** Destroying it ends the program. */
  readonly duplex: Duplex;
  readonly ended: Promise<CommandResult>;
  stop(): Promise<void>;
}

/** Starts a program to talk to. Throws TapError when it cannot be started. */
export async function duplexCommand(argv: readonly string[], options: StreamOptions = {}): Promise<CommandDuplex> {
  const { child, ending, ended } = await openCommand(argv, options);
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // Whoever uses the stream adds listeners of their own; until then a broken pipe must not end the process.
  duplex.on("error", () => {});
  duplex.once("close", () => ending.stop());
  return {
    duplex,
    ended,
    async stop() {
      duplex.destroy();
      ending.stop();
      await ended;
    },
  };
}

async function openCommand(argv: readonly string[], options: StreamOptions) {
  const startedMs = performance.now();
  const child = await startChild(argv, options.env);
  const ending = watchEnding(child, { keepStdout: true });
  const stderr = captureBytes(child.stderr, STDERR_BYTES_MAX);
  child.stderr.on("data", (chunk: Buffer) => options.onStderr?.(chunk.toString("utf8")));
  const ended = ending.ended.then(
    (exitCode): CommandResult => ({
      outcome: "exited",
      exitCode,
      stdout: Buffer.alloc(0),
      stderr: stderr.bytes().toString("utf8"),
      durationMs: performance.now() - startedMs,
    }),
  );
  return { child, ending, ended };
}
