import { Command, Option } from "commander";
import { doctor } from "./commands/doctor.ts";
import { leaders } from "./commands/leaders.ts";
import { recover } from "./commands/recover.ts";
import { parseDuration } from "./duration.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { VERSION } from "./version.ts";

/** The command line. `done` takes the exit code of the command that ran. */
export function buildProgram(done: (exitCode: number) => void): Command {
  const program = new Command("quorate")
    .description(
      "Tells which rung of a Kubernetes control plane is broken, on which node, and heals it with the smallest safe action.",
    )
    .version(VERSION)
    .showHelpAfterError("(quorate --help shows the commands)")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "quorate: ")) })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
    });
  const run =
    <T>(command: (options: T) => Promise<number> | number) =>
    async (options: T) => {
      done(await command(options));
    };
  addDoctor(program, run(doctor));
  addLeaders(program, run(leaders));
  addRecover(
    program,
    run((options: Parameters<typeof recover>[0]) => recover(options)),
  );
  return program;
}

type Action<T> = (options: T) => Promise<void>;

/** Options that say which cluster is meant. */
function withCluster(command: Command): Command {
  return command
    .option(
      "--ssh <host>",
      "a control-plane node as ssh knows it (repeatable); default: this machine, as root",
      collect,
    )
    .option("--ssh-config <file>", "OpenSSH client configuration, as for ssh -F")
    .option("--config <file>", "YAML file that lists the nodes (docs/schema/config.schema.json)")
    .option("--profile <id>", "distribution (default: microk8s)")
    .option("--context <name>", "context of the nodes' kubeconfig (default: its current context)")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text"));
}

function collect(host: string, hosts: readonly string[] | undefined): readonly string[] {
  return [...(hosts ?? []), host];
}

function addDoctor(program: Command, action: Action<Parameters<typeof doctor>[0]>): void {
  withCluster(program.command("doctor"))
    .description("walk the ladder on every node; name the lowest broken rung, its evidence and its remedy")
    .option("--watch", "keep observing and print anew every 2 s")
    .addOption(
      new Option(
        "--budget <duration>",
        "answer after this at the latest (default: a first answer within 8 s, and up to 10 s more when it is undecided)",
      ).argParser(parseDuration),
    )
    .option("--record <file>", "write all observations (revisions, times, states; no object contents, no secrets)")
    .option("--from <file>", "judge a recording instead of a cluster")
    .addHelpText("after", DOCTOR_HELP)
    .action(action);
}

function addLeaders(program: Command, action: Action<Parameters<typeof leaders>[0]>): void {
  withCluster(program.command("leaders"))
    .description("dqlite leader and roles, KCM and scheduler Lease holders")
    .addHelpText("after", "\nExit codes: 0 one usable leader, 2 none, 3 unknown, 64 usage.\n")
    .action(action);
}

function addRecover(program: Command, action: Action<Parameters<typeof recover>[0]>): void {
  withCluster(program.command("recover"))
    .description("cure a broken feed or cache: guard, lock, smallest restart, proof")
    .option("--node <name>", "only this node")
    .option("--dry-run", "show the plan and what stands against it; do nothing")
    .option("--yes", "do not ask")
    .option("--state <directory>", "where the run journal lives (default: /var/lib/quorate, or ~/.local/state/quorate)")
    .addHelpText("after", RECOVER_HELP)
    .action(action);
}

const DOCTOR_HELP = `
Examples:
  quorate doctor                                    on a control-plane node, as root
  quorate doctor --ssh root@k8s01 --ssh root@k8s02 --ssh root@k8s03
  quorate doctor --config cluster.yaml --watch
  quorate doctor --config cluster.yaml --record incident.ndjson
  quorate doctor --from incident.ndjson -o json

Rungs: unit, quorum, store, feed, cache. The lowest broken one is the cause; what stands above it is consequence.
Exit codes: 0 all ok, 1 degraded, 2 broken, 3 unknown, 64 usage or configuration.
`;

const RECOVER_HELP = `
Examples:
  quorate recover --config cluster.yaml --dry-run
  quorate recover --config cluster.yaml --node k8s02 --yes

It restarts the datastore of one node, proves the cure by the ladder, and restarts kubelite only if the rung is still
broken after that. It refuses whenever something it needs is unknown. A run that was killed is resumed by the next call.
Exit codes: 0 cured or nothing to do, 1 refused (nothing was done), 2 a person is needed, 3 unknown (run it again),
64 usage or configuration, 130 interrupted.
`;
