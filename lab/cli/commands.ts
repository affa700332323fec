import { type Command, InvalidArgumentError, Option } from "commander";
import type { FaultOptions } from "./fault.ts";
import { actionWith, parseCount, parseSpeed, type Surroundings, withDirectory } from "./options.ts";
import type { UpOptions } from "./up.ts";

/** Adds `quorate lab`. Each command loads what it needs when it runs: the others start as fast as without a lab. */
export function registerLab(program: Command, surroundings: Surroundings): void {
  const lab = program
    .command("lab")
    .description("an emulated cluster on this machine, for kubectl and quorate; needs no privileges");
  const run = actionWith(surroundings);
  addUp(
    lab,
    run(async (options: UpOptions) => (await import("./up.ts")).up(options)),
  );
  withDirectory(lab.command("status"))
    .description("what is really going on in it, also what no tap can see")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text"))
    .action(run(async (options: { dir?: string; output: string }) => (await import("./status.ts")).status(options)));
  addFault(
    lab,
    run(async (id: string | undefined, options: FaultOptions) => (await import("./fault.ts")).fault(id, options)),
  );
  withDirectory(lab.command("heal"))
    .description("undo every fault that lasts")
    .action(run(async (options: { dir?: string }) => (await import("./fault.ts")).heal(options)));
  withDirectory(lab.command("down"))
    .description("end it")
    .action(run(async (options: { dir?: string }) => (await import("./status.ts")).down(options)));
}

function addUp(lab: Command, action: (options: UpOptions) => Promise<void>): void {
  withDirectory(lab.command("up"))
    .description("start it and serve until Ctrl-C")
    .addOption(new Option("--nodes <N>", "control-plane nodes, 1 to 9").default(3).argParser(parseCount))
    .addOption(new Option("--release <id>", "MicroK8s release, 1.28 to 1.36").default("1.35"))
    .addOption(new Option("--workload <kind>", "what runs in it").choices(["idle", "small", "pir"]).default("small"))
    .addOption(new Option("--speed <N>", "simulated seconds per second").default(1).argParser(parseSpeed))
    .addOption(new Option("--seed <N>", "repeats the chances of another one (default: drawn)").argParser(parseCount))
    .option("--log", "print what happens in it")
    .addHelpText("after", UP_HELP)
    .action(action);
}

function addFault(lab: Command, action: (id: string | undefined, options: FaultOptions) => Promise<void>): void {
  withDirectory(lab.command("fault"))
    .argument("[id]", "which one")
    .description("break something in it")
    .option("--list", "show what there is")
    .option("--node <name>", "where (repeatable); default: drawn", collect)
    .addOption(new Option("--for <duration>", "how long; default: drawn").argParser(parseDuration))
    .option("--set <name=value>", "a parameter of the fault (repeatable); default: drawn", collect)
    .addHelpText("after", FAULT_HELP)
    .action(action);
}

function collect(one: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), one];
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit ?? ""];
  if (amount === undefined || unitMs === undefined) {
    throw new InvalidArgumentError(`"${text}" is no duration; write it like 8s, 1500ms or 2m`);
  }
  return Math.round(Number(amount) * unitMs);
}

const UP_HELP = `
Examples:
  quorate lab up                                three nodes; then, in another terminal:
  export KUBECONFIG=DIR/kubeconfig              (lab up prints DIR)
  kubectl get nodes
  quorate doctor --config DIR/quorate.yaml --watch
  ssh -F DIR/ssh_config k8s01 journalctl -u snap.microk8s.daemon-k8s-dqlite -n 20
  quorate lab up --speed 60 --workload pir      an hour in a minute

Everything listens on 127.0.0.11 and following, and in the directory, which is ours alone.
Exit codes: 0 ended, 64 usage or set-up.
`;

const FAULT_HELP = `
Examples:
  quorate lab fault --list
  quorate lab fault poll-death --node k8s02
  quorate lab fault process-pause --node k8s01 --set role=datastore --for 30s
  quorate lab fault partition --node k8s03 --for 2m

What is not given is drawn. Exit codes: 0 begun, 64 usage.
`;
