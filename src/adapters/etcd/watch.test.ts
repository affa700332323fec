import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { hastyClock } from "../net/testing.ts";
import {
  apiOf,
  closeAll,
  COMPACTED_420,
  CREATED_506,
  etcd,
  EVENT_694,
  frame,
  PROGRESS_509,
  PROGRESS_REQUEST,
  respondGrpc,
  serveWatch,
  until,
  watchLeases,
} from "./test-etcd.ts";

afterEach(closeAll);

describe("a watch", () => {
  it("tells of its confirmation, of events and of answers to progress requests", async () => {
    const api = await etcd((stream) =>
      serveWatch(stream, (request) => (request === PROGRESS_REQUEST ? [PROGRESS_509] : [CREATED_506, EVENT_694])),
    );
    const { watch, seen } = watchLeases(api);
    await until(() => seen.length === 2);
    watch.requestProgress();
    await until(() => seen.length === 3);
    expect(seen).toEqual(["created 506", "events 694", "progress 509"]);
  });

  it("takes a progress answer inside the same bytes as events", async () => {
    const api = await etcd((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(Buffer.concat([frame(CREATED_506), frame(EVENT_694), frame(PROGRESS_509)]));
    });
    const { seen } = watchLeases(api);
    await until(() => seen.length === 3);
    expect(seen).toEqual(["created 506", "events 694", "progress 509"]);
  });

  it("ends once when this side closes it, and the server is told", async () => {
    const cancelled = Promise.withResolvers<number>();
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      stream.on("close", () => cancelled.resolve(stream.rstCode));
    });
    const { watch, seen, ended } = watchLeases(api);
    await until(() => seen.length === 1);
    watch.close();
    watch.close();
    watch.requestProgress();
    expect(await ended).toMatchObject({
      reason: "not-read-yet",
      detail: expect.stringContaining("closed by this side"),
    });
    expect(await cancelled.promise).toBe(8);
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends with the compact revision when it began below it", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => [COMPACTED_420]));
    expect(await watchLeases(api).ended).toMatchObject({
      reason: "server-error",
      detail: expect.stringMatching(/canceled by the server: revisions up to 420 have been compacted/),
    });
  });

  it("ends with the server's reason", async () => {
    const reason = Buffer.from("etcdserver: unhealthy cluster");
    const hex = `200132${reason.length.toString(16)}${reason.toString("hex")}`;
    const api = await etcd((stream) => serveWatch(stream, () => [CREATED_506, hex]));
    const { seen, ended } = watchLeases(api);
    expect((await ended).detail).toMatch(/canceled by the server: etcdserver: unhealthy cluster/);
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends with the gRPC status when the server stops", async () => {
    const status = { "grpc-status": "14", "grpc-message": "server is shutting down" };
    const api = await etcd((stream) => respondGrpc(stream, [CREATED_506], status));
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatchObject({
      reason: "server-error",
      detail: expect.stringMatching(/gRPC Unavailable: server is shutting down/),
    });
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends when the connection breaks", async () => {
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      setTimeout(() => stream.session?.destroy(), 30);
    });
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatchObject({ reason: "protocol", detail: expect.stringContaining(": broke off (") });
    expect(seen).toEqual(["created 506", "end"]);
  });

  it("ends when the server sends what is no message", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => [CREATED_506, "ff"]));
    expect(await watchLeases(api).ended).toMatchObject({
      reason: "protocol",
      detail: expect.stringMatching(/^etcd Watch \/registry\/leases\/ at kine.sock:12379: not an etcd message/),
    });
  });

  it("ends when the server takes it and never confirms", async () => {
    const api = await etcd((stream) => serveWatch(stream, () => []), hastyClock);
    expect(await watchLeases(api).ended).toMatchObject({
      reason: "deadline",
      detail: expect.stringMatching(/no answer within 10000 ms/),
    });
  });

  it("ends when the peer is no gRPC server", async () => {
    const api = await etcd((stream) => {
      stream.respond({ ":status": 415 });
      stream.end();
    });
    const { seen, ended } = watchLeases(api);
    expect(await ended).toMatchObject({ reason: "protocol", detail: expect.stringMatching(/HTTP 415, not gRPC/) });
    expect(seen).toEqual(["end"]);
  });

  it("can be opened again on a new connection after the server came back", async () => {
    const api = await etcd((stream) => {
      serveWatch(stream, () => [CREATED_506]);
      const { session } = stream;
      setTimeout(() => session?.destroy(), 20);
    });
    await watchLeases(api).ended;
    const again = watchLeases(api);
    await again.ended;
    expect(again.seen).toEqual(["created 506", "end"]);
  });

  it.each([
    ["ECONNREFUSED", "connection-refused"],
    ["EACCES", "permission-denied"],
    ["ENOENT", "not-found"],
    ["EHOSTUNREACH", "unreachable"],
  ])("that cannot be opened says why: %s is %s", async (code, reason) => {
    const connect = () => Promise.reject<Duplex>(Object.assign(new Error(`connect ${code}`), { code }));
    const { seen, ended } = watchLeases(apiOf(connect));
    expect(await ended).toMatchObject({ reason, detail: expect.stringContaining(code) });
    expect(seen).toEqual(["end"]);
  });

  it("that the server does not permit is permission-denied", async () => {
    const api = await etcd((stream) => respondGrpc(stream, [], { "grpc-status": "7", "grpc-message": "no role" }));
    expect(await watchLeases(api).ended).toMatchObject({ reason: "permission-denied" });
  });
});
