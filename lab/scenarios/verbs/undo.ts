import type { Verb } from "../verb.ts";

export const undo: Verb = {
  id: "undo",
  usage: "undo ID [NODE ...] | undo all: a fault ends before its time",
  run: ({ play }, args) => {
    const name = args.rest().join(" ");
    args.end();
    const names = name === "all" ? [...play.faults.keys()] : [name];
    for (const one of names) (play.faults.get(one) ?? args.fail(`${one} does not go on`))();
    return [`${play.now()} ${names.join(", ")} undone`];
  },
};
