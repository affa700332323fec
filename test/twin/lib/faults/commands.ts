// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { DQLITE_UNIT, KUBELITE_UNIT, type NodeName } from "../config.ts";
import { datastoreLeader } from "../dqlite.ts";
import { sleep } from "../wait.ts";
import {
  bootNode,
  crashNode,
  cutNetwork,
  fillJournalDisk,
  freezeNode,
  holdWatchStreams,
  killDatastore,
  slowWatchConsumer,
  startUnit,
  stopDatastore,
  stopNodeOnPurpose,
  stopUnit,
  undoAll,
  useWatchProxy,
  type Fault,
} from "./index.ts";

type ParseNode = (text: string) => NodeName;
type Timed = { readonly seconds: string };

/** `twin fault NAME …`. Faults that last are undone after `--seconds`, or by Ctrl-C, whichever comes first. */
export function addFaultCommands(parent: Command, parseNode: ParseNode): void {
  addLasting(parent, parseNode);
  addUnits(parent, parseNode);
  addOthers(parent, parseNode);
  addPauseLeader(parent);
}

function addLasting(parent: Command, parseNode: ParseNode): void {
  const lasting: [string, string, (node: NodeName) => Fault | Promise<Fault>][] = [
    ["pause-datastore", "SIGSTOP the node's k8s-dqlite, then SIGCONT", stopDatastore],
    ["cut-network", "pull the node's cable", cutNetwork],
    ["freeze-node", "stop all processes of the node", freezeNode],
    ["hold-watches", "hold back watch events only (needs watch-proxy on)", holdWatchStreams],
    ["fill-journal-disk", "give the journal a full disk", fillJournalDisk],
  ];
  for (const [name, description, begin] of lasting) {
    parent
      .command(name)
      .description(description)
      .argument("<node>", "k8s01, k8s02 or k8s03", parseNode)
      .option("--seconds <n>", "how long", "30")
      .action(async (node: NodeName, options: Timed) => last(await begin(node), Number(options.seconds)));
  }
}

function addPauseLeader(parent: Command): void {
  parent
    .command("pause-leader")
    .description("pause the datastore of whichever node leads: what kills the feeds of the others")
    .option("--seconds <n>", "how long", "30")
    .action(async (options: Timed) => {
      const leader = await datastoreLeader();
      if (leader === undefined) throw new Error("the datastore has no leader to pause");
      await last(stopDatastore(leader), Number(options.seconds));
    });
}

function addUnits(parent: Command, parseNode: ParseNode): void {
  const units: Record<string, string> = { "k8s-dqlite": DQLITE_UNIT, kubelite: KUBELITE_UNIT };
  const unitOf = (text: string) => units[text] ?? text;
  parent
    .command("stop-unit")
    .argument("<node>", "", parseNode)
    .argument("<unit>", "k8s-dqlite, kubelite, or a unit's whole name", unitOf)
    .action(async (node: NodeName, unit: string) => void (await stopUnit(node, unit)));
  parent
    .command("start-unit")
    .argument("<node>", "", parseNode)
    .argument("<unit>", "k8s-dqlite, kubelite, or a unit's whole name", unitOf)
    .action((node: NodeName, unit: string) => startUnit(node, unit));
}

function addOthers(parent: Command, parseNode: ParseNode): void {
  const once: [string, string, (node: NodeName) => unknown][] = [
    ["kill-datastore", "SIGKILL the node's k8s-dqlite; systemd restarts it", killDatastore],
    ["crash-node", "pull the node's power", crashNode],
    ["boot-node", "switch the node on again", bootNode],
    ["stop-on-purpose", "as microk8s stop: stopped.lock and both units stopped", stopNodeOnPurpose],
  ];
  for (const [name, description, act] of once) {
    const command = parent.command(name).description(description).argument("<node>", "", parseNode);
    command.action(async (node: NodeName) => void (await act(node)));
  }
  parent
    .command("slow-consumer")
    .description("pause the node's apiserver under write load: one resource's watch goes mute")
    .argument("<node>", "", parseNode)
    .option("--seconds <n>", "how long the apiserver is paused", "150")
    .option("--writes <n>", "updates of 40 kB through another node", "700")
    .action(async (node: NodeName, options: Timed & { writes: string }) => {
      await slowWatchConsumer(node, { pauseSeconds: Number(options.seconds), writes: Number(options.writes) });
    });
  parent
    .command("watch-proxy")
    .argument("<node>", "", parseNode)
    .argument("<on|off>")
    .action((node: NodeName, state: string) => useWatchProxy(node, state === "on"));
  parent.command("undo-all").description("thaw, resume, plug in, boot whatever is not").action(undoAll);
}

/** Lets a fault last, and mends it on every way out. */
async function last(broken: Fault, seconds: number): Promise<void> {
  if (!Number.isFinite(seconds) || seconds <= 0) {
    await broken.undo();
    throw new Error(`--seconds: ${seconds} is not a duration`);
  }
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  console.log(`${broken.name} for ${seconds} s`);
  await sleep(seconds * 1000, stop.signal);
  process.removeListener("SIGINT", onSignal).removeListener("SIGTERM", onSignal);
  await broken.undo();
  console.log("undone");
}
