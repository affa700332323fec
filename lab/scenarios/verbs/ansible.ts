import { homeUpdate } from "../../world/actors/ansible.ts";
import { nameOf } from "../names.ts";
import type { Verb } from "../verb.ts";

export const ansible: Verb = {
  id: "ansible",
  usage:
    "ansible home-update nodes=(k8s01,k8s03) [serial=1] [disk=20]: the play of the incident: apt for 7 min (fsync takes `disk` ms longer), 14 min after its begin the handlers restart datastore and kubelite",
  run: ({ play }, args) => {
    if (args.wordIf("home-update") === null) return args.fail("ansible home-update");
    const nodes = args.list("nodes").map((name) => nameOf(play, name));
    const serial = args.numberOr("serial", nodes.length);
    const aptSyncMs = args.numberOr("disk", 20);
    args.end();
    homeUpdate(play.world, nodes, { serial, aptSyncMs });
    return [`${play.now()} update/home.yml begins on ${nodes.join(" and ")}, serial ${serial}`];
  },
};
