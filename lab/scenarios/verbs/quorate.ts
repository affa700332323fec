import type { Verb } from "../verb.ts";

export const quorate: Verb = {
  id: "quorate",
  usage:
    "quorate observe|recover [on=ops] [every=5m] [without=k8s01] | quorate stop | quorate kill: a Quorate runs from now on (every: a doctor now and then, and it watches when something is wrong)",
  run: ({ play }, args) => {
    if (args.wordIf("stop") !== null) {
      args.end();
      for (const one of play.quorates.values()) one.stop();
      play.quorates.clear();
      return [`${play.now()} no Quorate runs any more`];
    }
    if (args.wordIf("kill") !== null) {
      args.end();
      for (const one of play.quorates.values()) one.kill();
      return [`${play.now()} Quorate is killed`];
    }
    const mode = args.wordIf("observe", "recover");
    if (mode !== "observe" && mode !== "recover") return args.fail("observe, recover, stop or kill?");
    const from = args.textOr("on", "ops");
    const everyMs = args.durationOr("every", 0);
    const without = args.textOr("without", "");
    args.end();
    const nodes = play.world.nodes.map(({ name }) => name).filter((name) => name !== without);
    const started = play.quorate({ mode, from, doctorEveryMs: everyMs === 0 ? null : everyMs, nodes });
    return [`${play.now()} ${started.name} ${mode === "observe" ? "observes" : "observes and recovers"}`];
  },
};
