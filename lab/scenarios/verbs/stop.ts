import { nameOf } from "../names.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";
import { UNITS } from "../../world/world.ts";

export const stop: Verb = {
  id: "stop",
  usage: "stop unit=datastore|kubelite node=k8s01 by=operator: systemctl stop",
  run: ({ play }, args) => {
    const role = roleOf(args, args.text("unit"));
    const node = nameOf(play, args.text("node"));
    const by = args.textOr("by", "operator");
    args.end();
    play.world.node(node).host.systemd.stop(UNITS[role], by);
    return [`${play.now()} ${by} stops ${UNITS[role]} on ${node}`];
  },
};
