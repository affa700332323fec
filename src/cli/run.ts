import type { Command } from "commander";
import { RecordingError } from "../adapters/recording/recorder.ts";
import { RunStoreError } from "../adapters/run-store/sqlite-run-store.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";
import { plain } from "./render/style.ts";

/** Adds commands of its own; `done` takes the exit code of the command that ran. */
export type Register = (program: Command, done: (exitCode: number) => void) => void;

/**
 * Runs the command that argv names. Expected failures are told in one line; anything else is a bug and shows its stack.
 * `register` brings commands from outside of this folder, which knows none of them.
 */
export async function runCommandLine(register: Register = () => {}): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    const program = buildProgram(done);
    register(program, done);
    await program.parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CliError || error instanceof RunStoreError || error instanceof RecordingError)) throw error;
    process.stderr.write(`quorate: ${plain(error.message)}\n`);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT_USAGE;
  }
}

function done(exitCode: number): void {
  process.exitCode = exitCode;
}
