import * as net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock/system-clock.ts";
import { hastyClock, listen, listenHttp2Tls, respondJson } from "../net/testing.ts";
import { apiOf, closeAll, get, open } from "./testing-api.ts";

afterEach(closeAll);

describe("a session that ends", () => {
  it("is replaced after GOAWAY", async () => {
    const peer = open(
      await listenHttp2Tls((stream) => {
        const { session } = stream;
        stream.on("close", () => session?.goaway());
        respondJson(stream, 200, {});
      }),
    );
    const api = apiOf(peer);
    expect(await api.request(get("/1"))).toMatchObject({ known: true });
    await systemClock.sleep(50);
    expect(await api.request(get("/2"))).toMatchObject({ known: true });
    expect(peer.connections()).toBe(2);
  });

  it("that died unnoticed costs a GET a second connection, not its answer", async () => {
    const peer = open(
      await listenHttp2Tls((stream, headers) => {
        if (headers[":path"] === "/dies" && peer.connections() === 1) stream.session?.destroy();
        else respondJson(stream, 200, {});
      }),
    );
    const api = apiOf(peer);
    await api.request(get("/first"));
    expect(await api.request(get("/dies"))).toMatchObject({ known: true });
    expect(peer.connections()).toBe(2);
  });

  it("never has a write sent twice that may have arrived", async () => {
    let writes = 0;
    const peer = open(
      await listenHttp2Tls((stream, headers) => {
        if (headers[":method"] === "GET") return respondJson(stream, 200, {});
        writes += 1;
        stream.session?.destroy();
      }),
    );
    const api = apiOf(peer);
    await api.request(get("/first"));
    const reading = await api.request({ method: "PATCH", path: "/x", body: {}, deadlineMs: 2_000 });
    expect(reading).toMatchObject({ known: false, reason: "protocol" });
    expect(writes).toBe(1);
  });

  it("has a write sent again that the peer says it refused unseen", async () => {
    let writes = 0;
    const peer = open(
      await listenHttp2Tls((stream) => {
        writes += 1;
        if (writes === 1) stream.close(7);
        else respondJson(stream, 200, {});
      }),
    );
    const reading = await apiOf(peer).request({ method: "PATCH", path: "/x", body: {}, deadlineMs: 2_000 });
    expect(reading).toMatchObject({ known: true });
    expect(writes).toBe(2);
  });

  it("never has a write sent after its deadline, when the connection came too late", async () => {
    let streams = 0;
    const peer = open(await listenHttp2Tls(() => (streams += 1)));
    const connect = async () => {
      await systemClock.sleep(200);
      return peer.connect();
    };
    const api = apiOf(peer, { connect });
    const reading = await api.request({ method: "PUT", path: "/x", body: {}, deadlineMs: 50 });
    expect(reading).toMatchObject({ known: false, reason: "deadline" });
    await systemClock.sleep(400);
    expect(streams).toBe(0);
  });
});

describe("PING", () => {
  it("gives the round trip", async () => {
    const peer = open(await listenHttp2Tls(() => {}));
    const reading = await apiOf(peer).ping(2_000);
    expect(reading.known && reading.value).toBeGreaterThan(0);
  });

  it("ends a session that no longer answers, and every watch on it with a reason", async () => {
    const peer = open(await listenHttp2Tls((stream) => stream.respond({ ":status": 200 })));
    const stopped = new AbortController();
    // A relay that falls silent: the connection stays, as with a paused process or a dead ssh forward.
    const relay = open(
      await listen(
        net.createServer((near) => {
          const far = net.connect(peer.port, "127.0.0.1");
          near.on("data", (chunk) => stopped.signal.aborted || far.write(chunk));
          far.on("data", (chunk) => stopped.signal.aborted || near.write(chunk));
          far.on("error", () => {});
        }),
      ),
    );
    const api = apiOf(relay, { clock: hastyClock });
    const ended = Promise.withResolvers<string>();
    api.watch("/api/v1/pods", {}, { onEvent: () => {}, onEnd: ended.resolve });
    expect(await api.request(get("/never", 5_000))).toMatchObject({ known: false, reason: "deadline" });
    stopped.abort();
    expect(await ended.promise).toMatch(/PING: no answer within 5000 ms/);
  });
});
