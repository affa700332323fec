import { parseArgs } from "node:util";
import { MUTATIONS } from "./mutations/registry.ts";
import { trialDays } from "./mutations/mutation.ts";
import { mutationsCommand } from "./mutations/command.ts";
import { scenarioCommand } from "../scenarios/command.ts";
import { seedCommand } from "./seed-command.ts";
import { seedsCommand } from "./seeds-command.ts";

const USAGE = `Usage:
  npm run lab -- --seed N [--days D] [--faults 0,3|none] [--log] [--shrink]   one run: its plan, then how it went
  npm run lab -- seeds [--from N] [--count N] [--days D] [--jobs N] [--all]    many runs on all cores
  npm run lab -- mutations [--count N] [--only ID,ID] [--jobs N]               each broken variant must be caught
  npm run lab -- scenario NAME|all|list|verbs [--rewrite] [--quiet]            a story as text, and whether it goes as written
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string" },
    days: { type: "string" },
    jobs: { type: "string" },
    faults: { type: "string" },
    kinds: { type: "string" },
    without: { type: "string" },
    only: { type: "string" },
    mutation: { type: "string" },
    log: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    rewrite: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const [command] = positionals;
  const without = values.without === undefined ? {} : { without: values.without.split(",") };
  const jobs = values.jobs === undefined ? {} : { jobs: numberOf(values.jobs) };
  if (values.help) return usage(0);
  if (command === "scenario") return scenarioCommand(process.argv.slice(process.argv.indexOf(command) + 1));
  if (command === "seeds") {
    const count = numberOf(values.count ?? "100");
    return seedsCommand({
      from: numberOf(values.from),
      count,
      days: numberOf(values.days ?? "1"),
      all: values.all,
      ...jobs,
      ...without,
    });
  }
  if (command === "mutations") {
    return mutationsCommand({ seedsMax: numberOf(values.count ?? "40"), only: listOf(values.only), ...jobs });
  }
  if (command !== undefined || values.seed === undefined) return usage(2);
  const mutation = values.mutation === undefined ? undefined : MUTATIONS.find(({ id }) => id === values.mutation);
  if (values.mutation !== undefined && mutation === undefined) return usage(2);
  const kinds = listOf(values.kinds) ?? mutation?.kinds;
  const days = values.days === undefined ? (mutation === undefined ? 1 : trialDays(mutation)) : numberOf(values.days);
  return seedCommand({
    seed: numberOf(values.seed),
    days,
    log: values.log,
    isShrunk: values.shrink,
    mutation,
    ...without,
    ...(kinds === undefined ? {} : { kinds }),
    ...(values.faults === undefined
      ? {}
      : { only: values.faults === "none" ? [] : values.faults.split(",").map(numberOf) }),
  });
}

function usage(code: number): number {
  process.stderr.write(USAGE);
  return code;
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text === undefined || text === "" ? undefined : text.split(",");
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`"${text}" is not a number`);
  return value;
}
