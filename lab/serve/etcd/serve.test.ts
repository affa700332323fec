import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/clock/system-clock.ts";
import { createEtcdApi } from "../../../src/adapters/etcd/client.ts";
import { createSim } from "../../sim/sim.ts";
import type { Datastore, WatchHandlers } from "../../world/datastore/datastore.ts";
import { createProcess } from "../../world/process.ts";
import { RELEASES } from "../../world/releases.ts";
import { startRealTime } from "../time/real-time.ts";
import { PipeEnd } from "../wire/pipe.ts";
import { createEtcdServer } from "./serve.ts";
import { Message, parse } from "../protobuf.ts";

const driver = createSim({ seed: 1, startMs: Date.now() });
const time = startRealTime({ driver, speed: 1, onFailure: (error) => expect.unreachable(String(error)) });
const watches: WatchHandlers[] = [];
let prefix = "";
let error: string | null = null;
const datastore = {
  range: (_client, { key }, answered) =>
    answered(
      error === null
        ? {
            ok: true,
            value: { revision: 711, objects: [{ key, value: { a: 1 }, createRevision: 5, modRevision: 700 }] },
          }
        : { ok: false, error },
    ),
  watch: (_client, query, handlers) => {
    prefix = query.prefix;
    watches.push(handlers);
    handlers.onCreated(0);
    return { requestProgress: () => handlers.onProgress(694), close: () => {} };
  },
} as Partial<Datastore> as Datastore;
const serve = createEtcdServer({
  time,
  datastore,
  release: RELEASES["1.35"],
  spawnClient: () => createProcess(driver.sim, { node: "k8s01", program: "client", pid: 1 }),
});
const opened: { close(): void }[] = [];

function connect() {
  const [near, far] = PipeEnd.pair();
  serve(far);
  return Promise.resolve(near);
}

function client() {
  const api = createEtcdApi({ connect, authority: "kine.sock:12379", clock: systemClock });
  opened.push(api);
  return api;
}

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

describe("kine.sock of the lab, asked by Quorate's own etcd client", () => {
  it("tells the store's revision, and an rpc error as it is", async () => {
    expect(await client().readRevision(2000)).toMatchObject({ known: true, value: { revision: 711 } });
    error = "query (try: 0): context canceled";
    expect(await client().readRevision(2000)).toMatchObject({
      known: false,
      reason: "server-error",
      detail: expect.stringContaining("query (try: 0): context canceled"),
    });
    error = null;
  });

  it("delivers a Watch's events, progress and end", async () => {
    const seen: string[] = [];
    const ended = new Promise<string>((resolve) => {
      const watch = client().watchPrefix("/registry/leases/", {
        onCreated: (revision) => {
          seen.push(`created ${revision}`);
          watches[0]?.onEvents(
            [{ type: "put", key: "/registry/leases/x", value: {}, previous: null, isCreate: true, revision: 666 }],
            666,
          );
          watch.requestProgress();
        },
        onEvents: (revision) => seen.push(`event ${revision}`),
        onProgress: (revision) => {
          seen.push(`progress ${revision}`);
          watches[0]?.onEnd("compacted");
        },
        onEnd: (_reason, detail) => resolve(detail),
      });
    });
    expect(await ended).toContain("canceled by the server: etcdserver: mvcc: required revision has been compacted");
    expect(seen).toEqual(["created 0", "event 666", "progress 694"]);
    expect(prefix).toBe("/registry/leases/");
  });
});

describe("protocol buffers", () => {
  it("come back as they went, also negative and large numbers", () => {
    const message = new Message()
      .int(1, -1)
      .int(2, 2 ** 53 - 1)
      .bool(3, true)
      .bytes(4, "k\u00f6nig")
      .bytes(4, "b")
      .int(9, 0);
    const fields = parse(message.done());
    expect([fields.int(1), fields.int(2), fields.bool(3), fields.text(4), fields.has(9)]).toEqual([
      -1,
      2 ** 53 - 1,
      true,
      "b",
      false,
    ]);
    expect(fields.all(4).map(String)).toEqual(["k\u00f6nig", "b"]);
  });

  it("that are none are refused", () => {
    for (const bytes of ["0a05", "ff", "0b"]) expect(() => parse(Buffer.from(bytes, "hex"))).toThrow(RangeError);
  });
});
