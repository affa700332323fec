import { nameOf } from "../names.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";
import { UNITS } from "../../world/world.ts";

export const start: Verb = {
  id: "start",
  usage: "start unit=datastore|kubelite node=k8s01 by=operator: systemctl start",
  run: ({ play }, args) => {
    const role = roleOf(args, args.text("unit"));
    const node = nameOf(play, args.text("node"));
    const by = args.textOr("by", "operator");
    args.end();
    play.world.node(node).host.systemd.start(UNITS[role], by);
    return [`${play.now()} ${by} starts ${UNITS[role]} on ${node}`];
  },
};
