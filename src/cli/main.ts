#!/usr/bin/env node
import { RecordingError } from "../adapters/recording/recorder.ts";
import { RunStoreError } from "../adapters/run-store/sqlite-run-store.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";
import { plain } from "./render/style.ts";

/** Expected failures are told in one line; anything else is a bug and shows its stack. */
async function main(): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    await buildProgram((exitCode) => {
      process.exitCode = exitCode;
    }).parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CliError || error instanceof RunStoreError || error instanceof RecordingError)) throw error;
    process.stderr.write(`quorate: ${plain(error.message)}\n`);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT_USAGE;
  }
}

await main();
