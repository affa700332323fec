import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { createFrameSplitter, encodeFrame, GRPC_MESSAGE_BYTES_MAX } from "./grpc-frames.ts";
import { decodeWatchResponse } from "./messages.ts";

function capturedEvent(): Buffer {
  const text = readFileSync(new URL("fixtures/watch-event.hex", import.meta.url), "utf8");
  return Buffer.from(text.replace(/^#.*$/m, "").replaceAll(/\s/g, ""), "hex");
}

describe("the frame splitter", () => {
  it("gives the same messages however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.array(fc.nat({ max: 40 })), (messages, cuts) => {
        const seen: string[] = [];
        const push = createFrameSplitter((message) => seen.push(message.toString("hex")));
        let rest = Buffer.concat(messages.map(encodeFrame));
        for (const cut of cuts) {
          push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(push(rest)).toBe(0);
        expect(seen).toEqual(messages.map((message) => Buffer.from(message).toString("hex")));
      }),
    );
  });

  it("gives a captured event of etcd 3.4.23, byte by byte", () => {
    const revisions: (number | null)[] = [];
    const push = createFrameSplitter((message) => revisions.push(decodeWatchResponse(message).eventsRevision));
    const waiting = [...capturedEvent()].map((byte) => push(Buffer.from([byte])));
    expect(waiting.at(-2)).toBe(capturedEvent().length - 1);
    expect(waiting.at(-1)).toBe(0);
    expect(revisions).toHaveLength(1);
    expect(revisions[0]).toBeGreaterThan(500);
  });

  it("refuses compressed messages and what is no gRPC at all", () => {
    expect(() => createFrameSplitter(() => {})(Buffer.from("0100000000", "hex"))).toThrow(TapError);
    expect(() => createFrameSplitter(() => {})(Buffer.from("HTTP/1.1 400 Bad Request"))).toThrow(TapError);
  });

  it("refuses a message beyond its bound before its bytes have come", () => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(GRPC_MESSAGE_BYTES_MAX + 1, 1);
    expect(() => createFrameSplitter(() => {})(prefix)).toThrow(/larger than/);
  });
});
