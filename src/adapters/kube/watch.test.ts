import type { ServerHttp2Stream } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../ports/clock.ts";
import { systemClock } from "../clock/system-clock.ts";
import type { TestPeer } from "../net/testing.ts";
import { hastyClock, listenHttp2Tls, respondJson } from "../net/testing.ts";
import { createKubeApi } from "./client.ts";
import { TEST_CREDENTIALS } from "./testing-api.ts";
import { WATCH_LINE_BYTES_MAX } from "./watch.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Watched {
  readonly events: unknown[];
  readonly ends: string[];
  readonly ended: Promise<string>;
  readonly stop: () => void;
  readonly peer: TestPeer;
}

async function watch(onStream: (stream: ServerHttp2Stream) => void, clock: Clock = systemClock): Promise<Watched> {
  const peer = await listenHttp2Tls(onStream);
  const server = new URL(`https://127.0.0.1:${peer.port}`);
  const api = createKubeApi({ server, credentials: TEST_CREDENTIALS, connect: peer.connect, clock });
  closers.push(
    () => peer.close(),
    () => api.close(),
  );
  const events: unknown[] = [];
  const ends: string[] = [];
  const ended = Promise.withResolvers<string>();
  const stop = api.watch(
    "/api/v1/pods",
    {},
    {
      onEvent: (type, object) => events.push([type, object]),
      onEnd(reason) {
        ends.push(reason);
        ended.resolve(reason);
      },
    },
  );
  return { events, ends, ended: ended.promise, stop, peer };
}

function respondOk(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/json" });
}

describe("a watch", () => {
  it("delivers events that are cut anywhere, and tells its end once", async () => {
    const watched = await watch((stream) => {
      respondOk(stream);
      const text = '{"type":"ADDED","object":{"a":"é"}}\n{"type":"BOOKMARK","object":{}}\n';
      const bytes = Buffer.from(text);
      stream.write(bytes.subarray(0, 33));
      setTimeout(() => stream.end(bytes.subarray(33)), 20);
    });
    expect(await watched.ended).toMatch(/ended by the apiserver/);
    expect(watched.events).toEqual([
      ["ADDED", { a: "é" }],
      ["BOOKMARK", {}],
    ]);
    watched.stop();
    await systemClock.sleep(20);
    expect(watched.ends).toHaveLength(1);
  });

  // Captured from kube-apiserver 1.36.2: a watch from a revision that its cache no longer has.
  it("delivers an ERROR event as it came", async () => {
    const status = { kind: "Status", message: "too old resource version: 1 (225)", reason: "Expired", code: 410 };
    const watched = await watch((stream) => {
      respondOk(stream);
      stream.end(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
    });
    await watched.ended;
    expect(watched.events).toEqual([["ERROR", status]]);
  });

  it("ends when this side stops it, and the apiserver is told", async () => {
    const cancelled = Promise.withResolvers<number>();
    const watched = await watch((stream) => {
      respondOk(stream);
      stream.write('{"type":"ADDED","object":{}}\n');
      stream.on("close", () => cancelled.resolve(stream.rstCode));
    });
    while (watched.events.length === 0) await systemClock.sleep(5);
    watched.stop();
    expect(await watched.ended).toBe("closed by this side");
    expect(await cancelled.promise).toBe(8);
    expect(watched.ends).toHaveLength(1);
  });

  it("that is stopped before it is open never reaches the apiserver", async () => {
    let streams = 0;
    const watched = await watch(() => (streams += 1));
    watched.stop();
    expect(await watched.ended).toBe("closed by this side");
    await systemClock.sleep(50);
    expect(streams).toBe(0);
  });
});

describe("a watch ends with a reason when", () => {
  it("the apiserver refuses it", async () => {
    const watched = await watch((stream) => respondJson(stream, 403, { message: "pods is forbidden" }));
    expect(await watched.ended).toMatch(/WATCH \/api\/v1\/pods at .* 403 pods is forbidden; the user/);
  });

  it("the apiserver answers with an error", async () => {
    const watched = await watch((stream) => respondJson(stream, 500, { message: "etcd is gone" }));
    expect(await watched.ended).toMatch(/500 etcd is gone/);
  });

  it("the refusal breaks off in the middle", async () => {
    const watched = await watch((stream) => {
      stream.respond({ ":status": 500 });
      stream.write("half", () => stream.session?.destroy());
    });
    expect(await watched.ended).toMatch(/: 500 /);
  });

  it("the connection breaks", async () => {
    const watched = await watch((stream) => {
      respondOk(stream);
      stream.write('{"type":"ADDED","object":{}}\n', () => stream.session?.destroy());
    });
    await watched.ended;
    expect(watched.ends).toHaveLength(1);
  });

  it("a line is no event", async () => {
    const watched = await watch((stream) => {
      respondOk(stream);
      stream.write('{"type":"ADDED","object":{}}\nnot json\n{"type":"ADDED","object":{}}\n');
    });
    expect(await watched.ended).toMatch(/no watch event/);
    expect(watched.events).toHaveLength(1);
  });

  it("a line exceeds its bound", async () => {
    const watched = await watch((stream) => {
      respondOk(stream);
      stream.write(Buffer.alloc(WATCH_LINE_BYTES_MAX + 1, 0x20));
    });
    expect(await watched.ended).toMatch(/a line of more than/);
  });

  it("the apiserver takes it and never answers", async () => {
    const watched = await watch(() => {}, hastyClock);
    expect(await watched.ended).toMatch(/no answer within 10000 ms/);
  });
});
