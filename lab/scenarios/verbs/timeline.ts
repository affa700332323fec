import type { Verb } from "../verb.ts";

export const timeline: Verb = {
  id: "timeline",
  usage:
    "timeline [who=TEXT] [grep=TEXT]: what happened since the same timeline was asked for last, and what Quorate said",
  run: ({ play }, args) => {
    const who = args.textOr("who", "");
    const text = args.textOr("grep", "");
    args.end();
    const { chronicle } = play;
    const lines = chronicle.take(`${who} ${text}`).filter((line) => line.who.includes(who) && line.text.includes(text));
    return chronicle.texts(lines);
  },
};
