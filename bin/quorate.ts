#!/usr/bin/env node
import { registerLab } from "../lab/cli/commands.ts";
import { registerDemo } from "../lab/demo/command.ts";
import { demo as replay } from "../src/cli/commands/demo.ts";
import { CliError } from "../src/cli/exit-codes.ts";
import { runCommandLine } from "../src/cli/run.ts";

/** The whole command: the product, which knows nothing of the lab, and the lab, which knows nothing of the command line. */
await runCommandLine((program, done) => {
  registerLab(program, { done, mistake: (message) => new CliError(message) });
  registerDemo(program, { done, replay });
});
