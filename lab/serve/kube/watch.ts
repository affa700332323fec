import type { Json } from "../../world/datastore/datastore.ts";
import { rowObjectOf } from "./accept.ts";
import type { Answering } from "./reply.ts";
import type { KubeServerOptions } from "./server.ts";
import { tableOf } from "./tables/table.ts";

/** A WATCH: one JSON line for each event, until one side ends it. */
export function serveWatch(
  { response, asked, shape }: Answering,
  { time, apiserver, spawnClient }: KubeServerOptions,
): void {
  response.sendDate = false;
  response.writeHead(200, {
    date: new Date(time.sim.nowMs()).toUTCString(),
    "content-type": "application/json",
    "cache-control": "no-cache, private",
  });
  const rowObject = rowObjectOf(asked.query["includeObject"]);
  /** kubectl prints headers of the first table only; a server sends them with the first, too. */
  let isFirst = true;
  const shaped = (type: string, object: Json): Json => {
    if (shape !== "table" || type === "ERROR") return object;
    const table = tableOf(object, rowObject, time.sim.nowMs());
    if (table === null || isFirst) {
      isFirst = false;
      return table ?? object;
    }
    return { ...(table as object), columnDefinitions: null };
  };
  time.enter(() => {
    const client = spawnClient();
    const { watch: _watch, ...query } = asked.query;
    const stop = apiserver.watch(client, asked.path, query, {
      onEvent: (type, object) => {
        if (!response.writableEnded) response.write(`${JSON.stringify({ type, object: shaped(type, object) })}\n`);
      },
      onEnd: (reason) => {
        if (reason === "connection-reset" || reason === "connection-refused") response.destroy();
        else response.end();
      },
    });
    response.once("close", () =>
      time.enter(() => {
        stop();
        client.end({ code: "exited", status: 0 });
      }),
    );
  });
}
