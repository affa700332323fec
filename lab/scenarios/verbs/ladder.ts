import { drawLadder } from "../print.ts";
import type { Verb } from "../verb.ts";
import { lookOnce } from "./doctor.ts";

export const ladder: Verb = {
  id: "ladder",
  usage: "ladder: the matrix node by rung, from a Quorate that watches or by one look",
  run: async ({ play }, args) => {
    args.end();
    const watching = [...play.quorates.values()].find(({ watchingSinceMs }) => watchingSinceMs !== null);
    return drawLadder(watching?.ladder ?? (await lookOnce(play)));
  },
};
