import type * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { UnknownReason } from "../../core/model/observed.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EtcdApi, EtcdWatch } from "../../ports/etcd-api.ts";
import { systemClock } from "../clock/system-clock.ts";
import { listenHttp2 } from "../net/testing.ts";
import { createEtcdApi } from "./client.ts";
import { createFrameSplitter, encodeFrame } from "./grpc-frames.ts";

/** For tests only: an etcd on loopback, and clients of it, all closed by one `closeAll` in `afterEach`. */

// Captured from etcd 3.4.23.
export const RANGE_506 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa032002";
export const CREATED_506 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa0320021801";
export const PROGRESS_509 = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fd03200210ffffffffffffffffff01";
export const COMPACTED_420 = "0a1808c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e012002200128a403";
/** A Watch answer with one event of revision 694 and header revision 694. */
export const EVENT_694 = "0a0318b6055a05120318b605";
export const PROGRESS_REQUEST = "1a00";

const closers: (() => unknown)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}

export function closeLater(close: () => unknown): void {
  closers.push(close);
}

export function apiOf(connect: () => Promise<Duplex>, clock: Clock = systemClock): EtcdApi {
  const api = createEtcdApi({ connect, authority: "kine.sock:12379", clock });
  closers.push(() => api.close());
  return api;
}

/** An etcd on loopback as far as `onStream` makes it one. */
export async function etcd(onStream: (stream: http2.ServerHttp2Stream) => void, clock?: Clock): Promise<EtcdApi> {
  const peer = await listenHttp2(onStream);
  closers.push(() => peer.close());
  return apiOf(peer.connect, clock);
}

/** One message as it stands on the wire. */
export function frame(hex: string): Buffer {
  return encodeFrame(Buffer.from(hex, "hex"));
}

/** Answers with the messages and ends with the status. */
export function respondGrpc(stream: http2.ServerHttp2Stream, hex: string[], status: http2.OutgoingHttpHeaders): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(status));
  for (const one of hex) stream.write(frame(one));
  stream.end();
}

/** Answers each request message of a Watch stream by what `answer` gives for it. */
export function serveWatch(stream: http2.ServerHttp2Stream, answer: (request: string) => string[]): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  const push = createFrameSplitter((request) => {
    for (const hex of answer(request.toString("hex"))) stream.write(frame(hex));
  });
  stream.on("data", push);
}

/** A Watch whose handlers note what came. */
export interface SeenWatch {
  readonly watch: EtcdWatch;
  /** `created 506`, `events 694`, `progress 509`, `end`, in their order. */
  readonly seen: readonly string[];
  readonly ended: Promise<{ readonly reason: UnknownReason; readonly detail: string }>;
}

export function watchLeases(api: EtcdApi): SeenWatch {
  const seen: string[] = [];
  const ended = Promise.withResolvers<{ readonly reason: UnknownReason; readonly detail: string }>();
  const watch = api.watchPrefix("/registry/leases/", {
    onCreated: (revision) => seen.push(`created ${revision}`),
    onEvents: (revision) => seen.push(`events ${revision}`),
    onProgress: (revision) => seen.push(`progress ${revision}`),
    onEnd(reason, detail) {
      seen.push("end");
      ended.resolve({ reason, detail });
    },
  });
  return { watch, seen, ended: ended.promise };
}

export function connectNowhere(): Promise<Duplex> {
  return Promise.reject(Object.assign(new Error("connect ENOENT"), { code: "ENOENT" }));
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5);
}
