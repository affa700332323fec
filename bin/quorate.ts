#!/usr/bin/env node
import { registerLab } from "../lab/cli/commands.ts";
import { registerDemo } from "../lab/demo/command.ts";
import { registerDrill } from "../lab/drill/command.ts";
import { demo as replay } from "../src/cli/commands/demo.ts";
import { CliError } from "../src/cli/exit-codes.ts";
import { runCommandLine } from "../src/cli/run.ts";

/** The whole command: the product, which knows nothing of the lab, and the lab, which knows nothing of the command line. */
await runCommandLine((program, done) => {
  const surroundings = { done, mistake: (message: string) => new CliError(message) };
  registerLab(program, surroundings);
  registerDrill(program, surroundings);
  registerDemo(program, { done, replay });
});
