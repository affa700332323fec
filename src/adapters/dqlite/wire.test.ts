import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { FrameSplitter } from "./frames.ts";
import type { Response } from "./responses.ts";
import { decodeResponse, encodeResponse, ROLES } from "./responses.ts";
import { readCapture } from "./test-member.ts";
import type { Frame, Request } from "./wire.ts";
import { decodeRequest, encodeRequest, HANDSHAKE, REQUEST_TYPES } from "./wire.ts";
import { encodeText, encodeUint64, UINT64_MAX, WordReader } from "./words.ts";

function frameOf(message: Buffer | undefined): Frame {
  const [frame] = new FrameSplitter().push(message ?? Buffer.alloc(0));
  if (frame === undefined) throw new Error("no frame");
  return frame;
}

const THREE = [
  { id: 3297041220608546238n, address: "127.0.0.1:23011", role: "voter" },
  { id: 18231818105311694515n, address: "127.0.0.1:23012", role: "voter" },
  { id: 4578197058282438406n, address: "127.0.0.1:23013", role: "voter" },
] as const;

const follower = readCapture("healthy-follower");
const lone = readCapture("lone-voter");

test("requests are byte for byte what a real member understood", () => {
  const sent = [{ kind: "leader" }, { kind: "client", id: 42n }, { kind: "cluster" }, { kind: "describe" }] as const;
  expect([HANDSHAKE, ...sent.map(encodeRequest)]).toEqual(follower.sent);
});

const CAPTURED: readonly (readonly [string, Buffer | undefined, Response])[] = [
  ["a follower names the leader", follower.received[0], { kind: "node", id: THREE[0].id, address: THREE[0].address }],
  ["welcome", follower.received[1], { kind: "welcome", heartbeatTimeoutMs: 15_000n }],
  ["three voters, one id above 2^63", follower.received[2], { kind: "nodes", servers: THREE }],
  ["describe", follower.received[3], { kind: "metadata", failureDomain: 0n, weight: 0n }],
  ["a lone voter names none", lone.received[0], { kind: "node", id: 0n, address: "" }],
  ["and still lists all three", lone.received[1], { kind: "nodes", servers: THREE }],
  ["a failure", readCapture("not-leader").received[0], { kind: "failure", code: 10_250n, message: "not leader" }],
];
test.each(CAPTURED)("captured answer: %s", (_what, message, response) => {
  expect(decodeResponse(frameOf(message))).toEqual(response);
  expect(encodeResponse(response)).toEqual(message);
});

test("the client can send no request but four that change nothing; 11 (Connect) is not among them", () => {
  expect(Object.values(REQUEST_TYPES)).toEqual([0, 1, 16, 18]);
});

const uint64 = fc.bigInt({ min: 0n, max: UINT64_MAX });
const address = fc.oneof(
  fc.constant(""),
  fc.ipV4().map((ip) => `${ip}:19001`),
  fc.ipV6().map((ip) => `[${ip}]:19001`),
);
const server = fc.record({ id: uint64, address, role: fc.constantFrom(...ROLES) });
const response: fc.Arbitrary<Response> = fc.oneof(
  fc.record({ kind: fc.constant("failure" as const), code: uint64, message: fc.stringMatching(/^[ -~]{0,60}$/) }),
  fc.record({ kind: fc.constant("node" as const), id: uint64, address }),
  fc.record({ kind: fc.constant("welcome" as const), heartbeatTimeoutMs: uint64 }),
  fc.record({ kind: fc.constant("nodes" as const), servers: fc.array(server, { maxLength: 9 }) }),
  fc.record({ kind: fc.constant("metadata" as const), failureDomain: uint64, weight: uint64 }),
);
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom<Request>({ kind: "leader" }, { kind: "cluster" }, { kind: "describe" }),
  fc.record({ kind: fc.constant("client" as const), id: uint64 }),
);

describe("round trips", () => {
  test("every answer", () => {
    fc.assert(
      fc.property(response, (value) => {
        expect(decodeResponse(frameOf(encodeResponse(value)))).toEqual(value);
      }),
    );
  });
  test("every request", () => {
    fc.assert(
      fc.property(request, (value) => {
        expect(decodeRequest(frameOf(encodeRequest(value)))).toEqual(value);
      }),
    );
  });
  test("every text without a NUL", () => {
    const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
    fc.assert(
      fc.property(text, uint64, (value, number) => {
        const reader = new WordReader(Buffer.concat([encodeText(value), encodeUint64(number)]), "test");
        expect([reader.text(), reader.uint64()]).toEqual([value, number]);
        reader.end();
      }),
    );
  });
});

/** Decodes and says how it ended; anything but an answer or a TapError `protocol` fails the test. */
function outcome(frame: Frame): "answer" | "protocol" {
  try {
    decodeResponse(frame);
    return "answer";
  } catch (error) {
    expect(error).toBeInstanceOf(TapError);
    expect((error as TapError).reason).toBe("protocol");
    expect((error as TapError).message).toMatch(/^[\x20-\x7e]{1,200}$/);
    return "protocol";
  }
}

describe("hostile answers are a protocol error and nothing else", () => {
  test("cut anywhere", () => {
    fc.assert(
      fc.property(response, fc.nat(), (value, cut) => {
        const { body, ...rest } = frameOf(encodeResponse(value));
        expect(outcome({ ...rest, body: body.subarray(0, cut % body.length) })).toBe("protocol");
      }),
    );
  });
  test("a word too many", () => {
    fc.assert(
      fc.property(response, (value) => {
        const { body, ...rest } = frameOf(encodeResponse(value));
        expect(outcome({ ...rest, body: Buffer.concat([body, Buffer.alloc(8)]) })).toBe("protocol");
      }),
    );
  });
  test("any bytes of any type", () => {
    const bytes = fc.uint8Array({ maxLength: 96 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), bytes, (type, body) => {
        outcome({ type, schema: 0, body: Buffer.from(body) });
      }),
      { numRuns: 1000 },
    );
  });
  test.each([
    ["2^64-1 servers", Buffer.alloc(8, 0xff)],
    ["more servers than fit", Buffer.concat([encodeUint64(2n), encodeUint64(1n), encodeText("a:1"), encodeUint64(0n)])],
    ["an unknown role", Buffer.concat([encodeUint64(1n), encodeUint64(1n), encodeText("a:1"), encodeUint64(3n)])],
    [
      "an escape sequence",
      Buffer.concat([encodeUint64(1n), encodeUint64(1n), encodeText("\u001b[2J"), encodeUint64(0n)]),
    ],
  ])("a Nodes answer with %s", (_what, body) => {
    expect(outcome({ type: 3, schema: 0, body })).toBe("protocol");
  });
  test("a failure text is cut and made safe for a terminal", () => {
    const body = Buffer.concat([encodeUint64(1n), encodeText(`\u001b]0;x\n${"y".repeat(5000)}`)]);
    const decoded = decodeResponse({ type: 0, schema: 0, body });
    expect(decoded).toMatchObject({ kind: "failure", message: expect.stringMatching(/^\?\]0;x\?y{100,194}$/) });
  });
});
