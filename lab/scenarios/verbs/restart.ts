import { nameOf } from "../names.ts";
import { roleOf } from "../roles.ts";
import type { Verb } from "../verb.ts";
import { UNITS } from "../../world/world.ts";

export const restart: Verb = {
  id: "restart",
  usage: "restart unit=datastore|kubelite node=k8s01|(k8s01,k8s03) by=ansible: systemctl restart, asking nobody",
  run: ({ play }, args) => {
    const role = roleOf(args, args.text("unit"));
    const nodes = args.list("node").map((name) => nameOf(play, name));
    const by = args.textOr("by", "operator");
    args.end();
    for (const node of nodes) play.world.node(node).host.systemd.restart(UNITS[role], by);
    return [`${play.now()} ${by} restarts ${UNITS[role]} on ${nodes.join(" and ")}`];
  },
};
