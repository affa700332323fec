import { RECOVER_TIMING as T } from "../../../src/app/recover/timing.ts";
import { askQuorate } from "../asking.ts";
import type { Verb } from "../verb.ts";

export const release: Verb = {
  id: "release",
  usage: "release by=ansible node=k8s01: gives the restart lock back",
  run: async ({ play }, args) => {
    const node = args.text("node");
    const holder = `${args.textOr("by", "operator")}/${node}`;
    args.end();
    const isReleased = await askQuorate(play, holder, async ({ taps }) => {
      // Any apiserver will do; the one of the node that was restarted may be on its way.
      for (const { lock } of taps) if (await lock.release(holder, T.lockMs)) return true;
      return false;
    });
    return [`${play.now()} the lock is ${isReleased ? "given back" : "not given back"}`];
  },
};
