import { scenarioCommand } from "./command.ts";

process.exitCode = await scenarioCommand(process.argv.slice(2));
