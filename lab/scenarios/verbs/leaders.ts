import { leaders as readLeaders } from "../../../src/app/leaders.ts";
import { askQuorate } from "../asking.ts";
import { drawColumns } from "../print.ts";
import type { Verb } from "../verb.ts";

/** The first answers of all members and apiservers, as the command itself waits for them. */
const LOOK_MS = 6000;

export const leaders: Verb = {
  id: "leaders",
  usage: "leaders: quorate leaders: dqlite's leader and the holders of the controllers' Leases",
  run: async ({ play }, args) => {
    args.end();
    const table = await askQuorate(play, "leaders", async ({ observer }) => {
      await observer.until((_, snapshot) => readLeaders(snapshot).decided, LOOK_MS);
      return readLeaders(observer.snapshot());
    });
    // A Lease's holder ends with a random id, which says nothing to a reader.
    const rows = table.rows.map(({ what, who, role }) => [what, who.replace(/_[0-9a-f-]+$/, ""), role]);
    return [table.message, ...drawColumns(rows)];
  },
};
