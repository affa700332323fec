import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { BODY_BYTES_MAX, FrameSplitter } from "./frames.ts";
import { encodeFrame } from "./wire.ts";

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  schema: fc.integer({ min: 0, max: 255 }),
  body: fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 })
    .map((words) => Buffer.from(words.flatMap((byte) => Array<number>(8).fill(byte)))),
});

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return [...chunks, bytes.subarray(offset)];
}

test("the same frames come out for any boundaries of the chunks", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 0, max: 40 })), (frames, sizes) => {
      const splitter = new FrameSplitter();
      const chunks = cut(Buffer.concat(frames.map(encodeFrame)), sizes);
      expect(chunks.flatMap((chunk) => splitter.push(chunk))).toEqual(frames);
      expect(splitter.midFrame).toBe(false);
    }),
  );
});

test("a cut stream gives the whole frames before the cut and says that it is in the middle of one", () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.nat(), (frames, position) => {
      const last = encodeFrame(frames.at(-1) ?? { type: 0, schema: 0, body: Buffer.alloc(0) });
      const whole = Buffer.concat(frames.slice(0, -1).map(encodeFrame));
      const splitter = new FrameSplitter();
      const keep = 1 + (position % (last.length - 1));
      expect(splitter.push(Buffer.concat([whole, last.subarray(0, keep)]))).toEqual(frames.slice(0, -1));
      expect(splitter.midFrame).toBe(true);
    }),
  );
});

test("garbage ends in frames or in a protocol error, and never holds more than the cap", () => {
  const alloc = vi.spyOn(Buffer, "alloc");
  try {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        const splitter = new FrameSplitter();
        try {
          for (const chunk of chunks) splitter.push(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(TapError);
          expect(error).toMatchObject({ reason: "protocol" });
        }
      }),
      { numRuns: 500 },
    );
    const largest = Math.max(...alloc.mock.calls.map(([size]) => size));
    expect(largest).toBeLessThanOrEqual(BODY_BYTES_MAX);
  } finally {
    alloc.mockRestore();
  }
});

test("a body of just the cap is accepted, one word more is not", () => {
  const body = Buffer.alloc(BODY_BYTES_MAX);
  expect(new FrameSplitter().push(encodeFrame({ type: 3, schema: 0, body }))).toHaveLength(1);
  const longer = encodeFrame({ type: 3, schema: 0, body: Buffer.alloc(BODY_BYTES_MAX + 8) });
  expect(() => new FrameSplitter().push(longer.subarray(0, 8))).toThrow("a frame claims 65544 bytes");
});

test.each(["HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"])("%j is no dqlite", (banner) => {
  expect(() => new FrameSplitter().push(Buffer.from(banner))).toThrow("this is not dqlite");
});

test("after an error it stays broken: there is no way back into step", () => {
  const splitter = new FrameSplitter();
  expect(() => splitter.push(Buffer.from("HTTP/1.1"))).toThrow(TapError);
  expect(() => splitter.push(encodeFrame({ type: 0, schema: 0, body: Buffer.alloc(8) }))).toThrow(TapError);
});
