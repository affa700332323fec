// SPDX-License-Identifier: Apache-2.0
// The twin's command: npm run twin -- up | down | status | components | ssh NODE [cmd…] | fault NAME …
import { spawn } from "node:child_process";
import { Command } from "commander";
import { isNodeName, NODES, type NodeName } from "./lib/config.ts";
import { buildKubectl, components } from "./lib/components.ts";
import { down } from "./lib/down.ts";
import { addFaultCommands } from "./lib/faults/commands.ts";
import { progressToStderr } from "./lib/progress.ts";
import { sshConfigPath } from "./lib/ssh.ts";
import { status, type TwinStatus } from "./lib/status.ts";
import { up } from "./lib/up.ts";

const program = new Command("twin")
  .description("three real nodes with a real control plane, on this machine")
  .enablePositionalOptions();

program
  .command("up")
  .description("build what is missing, boot the nodes, wait until the cluster is whole")
  .action(async () => {
    const result = await up(progressToStderr());
    console.log(result === "started" ? "the twin is up" : "the twin is already up");
  });

program
  .command("down")
  .description("stop and remove everything but the cache")
  .action(() => down(progressToStderr()));

program
  .command("status")
  .description("what runs; exit 0 up, 1 partial, 3 down")
  .option("-o, --output <format>", "text or json", "text")
  .action(async (options: { output: string }) => {
    const found = await status();
    console.log(options.output === "json" ? JSON.stringify(found, null, 2) : describe(found));
    process.exitCode = { up: 0, partial: 1, down: 3 }[found.overall];
  });

program
  .command("components")
  .description("build everything into the cache without starting anything")
  .action(async () => {
    const progress = progressToStderr();
    const parts = { ...(await components(progress)), kubectl: await buildKubectl(progress) };
    console.log(JSON.stringify(parts, null, 2));
  });

program
  .command("ssh")
  .description("a shell or a command on a node (k8s01, or k8s01-ops, k8s01-nosudo)")
  .argument("<node>")
  .argument("[command...]")
  .passThroughOptions()
  .action(async (node: string, command: string[]) => {
    process.exitCode = await runForeground(["ssh", "-F", sshConfigPath, node, ...command]);
  });

addFaultCommands(program.command("fault").description("break something on purpose"), nodeArgument);

function nodeArgument(text: string): NodeName {
  if (!isNodeName(text)) throw new Error(`no such node: ${text} (${NODES.join(", ")})`);
  return text;
}

function describe(found: TwinStatus): string {
  const datastore = found.datastore;
  const lines = [`twin: ${found.overall}`];
  if (datastore !== undefined) lines.push(`datastore: ${datastore.kind}, ${datastore.source} (${datastore.sha256})`);
  lines.push(`dqlite leader: ${found.leader ?? "none"}   controller manager: ${found.controllerManager ?? "none"}`);
  for (const node of found.nodes) {
    const units = Object.entries(node.units).map(
      ([unit, state]) => `${unit.replace(/^snap\.microk8s\.daemon-|\.service$/g, "")} ${state}`,
    );
    const ready = node.ready ? "ready" : "not ready";
    lines.push(
      `${node.node}: ${node.power}, cable ${node.cable}, ${node.role}, apiserver ${ready}, ${units.join(", ")}`,
    );
  }
  return lines.join("\n");
}

function runForeground(argv: readonly string[]): Promise<number> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`twin: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
