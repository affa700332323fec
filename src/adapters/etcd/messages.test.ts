import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import type { WatchResponse } from "./messages.ts";
import {
  decodeRangeRevision,
  decodeWatchResponse,
  encodeRangeRequest,
  encodeWatchCreate,
  encodeWatchProgress,
  prefixRangeEnd,
} from "./messages.ts";

function message(field: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(content).finish();
}

function int64(field: number, value: bigint): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Varint).int64(value).finish();
}

function header(revision: bigint): Uint8Array {
  return message(1, Buffer.concat([int64(2, 14841639068965178418n - (1n << 64n)), int64(3, revision), int64(4, 2n)]));
}

function event(revision: bigint): Uint8Array {
  return message(11, message(2, Buffer.concat([message(1, Buffer.from("/registry/leases/a")), int64(3, revision)])));
}

function decodeHex(hex: string): WatchResponse {
  return decodeWatchResponse(Buffer.from(hex, "hex"));
}

describe("requests are the bytes that etcd's own client sends", () => {
  it("for a Range, a watch and a progress request", () => {
    expect(Buffer.from(encodeRangeRequest("/registry/health")).toString("hex")).toBe(
      "0a102f72656769737472792f6865616c7468",
    );
    expect(Buffer.from(encodeWatchCreate("/a/", prefixRangeEnd("/a/"))).toString("hex")).toBe(
      "0a0c0a032f612f12032f61302001",
    );
    expect(Buffer.from(encodeWatchProgress()).toString("hex")).toBe("1a00");
  });

  it("for the end of a prefix, also when its last bytes cannot be counted up", () => {
    expect(Buffer.from(prefixRangeEnd("/registry/leases/")).toString()).toBe("/registry/leases0");
    expect([...prefixRangeEnd("")]).toEqual([0]);
  });

  it("for the end of any prefix: above every key with it, and the next key without it is not", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (prefix, rest) => {
        const end = Buffer.from(prefixRangeEnd(prefix));
        expect(Buffer.compare(Buffer.from(prefix + rest), end)).toBe(-1);
        expect(end.length).toBeLessThanOrEqual(Buffer.from(prefix).length);
      }),
    );
  });
});

describe("a Range answer", () => {
  it("gives the header's revision, as captured from etcd 3.4.23", () => {
    const captured = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa032002";
    expect(decodeRangeRevision(Buffer.from(captured, "hex"))).toBe(506);
  });

  it("reads revisions up to 2^53-1 and refuses what JavaScript would round", () => {
    expect(decodeRangeRevision(header(2n ** 53n - 1n))).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => decodeRangeRevision(header(2n ** 53n))).toThrow(TapError);
    expect(() => decodeRangeRevision(header(-1n))).toThrow(TapError);
  });

  it("without a revision is none", () => {
    expect(() => decodeRangeRevision(new Uint8Array(0))).toThrow(/no header revision/);
  });

  it("gives any revision back that was written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }), (revision) => {
        expect(decodeRangeRevision(header(revision))).toBe(Number(revision));
      }),
    );
  });
});

describe("a Watch answer, as captured from etcd 3.4.23", () => {
  const quiet = { created: false, canceled: false, compactRevision: 0, cancelReason: "", eventsRevision: null };

  it("confirms the watch", () => {
    const captured = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fa0320021801";
    expect(decodeHex(captured)).toEqual({ ...quiet, headerRevision: 506, created: true });
  });

  it("answers a progress request, with watch id -1", () => {
    const captured = "0a1b08c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e0118fd03200210ffffffffffffffffff01";
    expect(decodeHex(captured)).toEqual({ ...quiet, headerRevision: 509 });
  });

  it("cancels a watch that begins below the compact revision, with no reason in words", () => {
    const captured = "0a1808c0e2bf9be6acc3b9c80110eebde6b5bbfddfb99e012002200128a403";
    expect(decodeHex(captured)).toEqual({ ...quiet, headerRevision: 0, canceled: true, compactRevision: 420 });
  });
});

describe("a Watch answer", () => {
  it("with events gives the highest revision among them", () => {
    const bytes = Buffer.concat([header(900n), event(694n), event(711n), event(700n)]);
    expect(decodeWatchResponse(bytes)).toMatchObject({ headerRevision: 900, eventsRevision: 711 });
  });

  it("keeps the server's reason for a cancel", () => {
    const bytes = Buffer.concat([int64(4, 1n), message(6, Buffer.from("etcdserver: unhealthy cluster"))]);
    expect(decodeWatchResponse(bytes)).toMatchObject({ canceled: true, cancelReason: "etcdserver: unhealthy cluster" });
  });

  it("cut short anywhere is either an answer or a TapError", () => {
    const bytes = Buffer.concat([header(900n), event(694n), int64(3, 1n)]);
    for (let length = 0; length < bytes.length; length++) {
      expectAnswerOrTapError(bytes.subarray(0, length));
    }
  });

  it("of hostile bytes is either an answer or a TapError", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectAnswerOrTapError), { numRuns: 2_000 });
    expectAnswerOrTapError(Buffer.alloc(100_000, 0x0b));
    expectAnswerOrTapError(Buffer.from("0affffffff0f", "hex"));
  });
});

function expectAnswerOrTapError(bytes: Uint8Array): void {
  try {
    expect(decodeWatchResponse(bytes).headerRevision).toBeGreaterThanOrEqual(0);
  } catch (error) {
    expect(error).toBeInstanceOf(TapError);
  }
}
