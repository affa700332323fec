import { nameOf } from "../names.ts";
import type { Verb } from "../verb.ts";
import { waitFor } from "../waiting.ts";

/** A transfer is over within an election's time, or it did not happen. */
const TRANSFER_MS = 10_000;

export const lead: Verb = {
  id: "lead",
  usage: "lead node=k8s01: dqlite's leadership moves there, as a graceful handover moves it",
  run: async ({ play }, args) => {
    const node = nameOf(play, args.text("node"));
    args.end();
    const { dqlite } = play.world;
    if (dqlite.leader() !== node) dqlite.transfer(node);
    const isDone = await waitFor(play, () => dqlite.leader() === node, TRANSFER_MS);
    return [`${play.now()} ${isDone ? `${node} leads dqlite` : `${node} does not lead dqlite`}`];
  },
};
