import * as fc from "fast-check";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Observation } from "../../core/model/observation.ts";
import { type RecordingHeader, recordingLine } from "../../core/recording/recording.ts";
import { parseRecording, readRecording, RECORDING_SPAN_MAX_MS } from "./reader.ts";
import { openRecorder, RecordingError } from "./recorder.ts";
import { OBSERVATIONS } from "./test-observations.ts";

const HEADER: RecordingHeader = {
  format: "quorate-recording",
  version: 1,
  quorate: "0.1.0",
  profile: "microk8s",
  startedAtMs: 1_000_000_000_000,
  nodes: ["k8s01", "k8s02"],
  note: "the leader was paused for 30 s",
};
const HEAD = recordingLine(HEADER);
const EVENT: Observation = { node: "k8s01", atMs: HEADER.startedAtMs + 1, kind: "feed-event", revision: 7 };

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-recording-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** The one line that a person gets. */
function lineOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(RecordingError);
    return (error as RecordingError).message;
  }
  throw new Error("it did not fail");
}

describe("a round trip", () => {
  test.each(Object.entries(OBSERVATIONS))("keeps every observation of kind %s as it is", (_, arbitrary) => {
    fc.assert(
      fc.property(fc.array(arbitrary as fc.Arbitrary<Observation>, { maxLength: 8 }), (observations) => {
        const text = HEAD + observations.map(recordingLine).join("");
        expect(parseRecording(text, "f")).toEqual({ header: HEADER, observations });
      }),
      { numRuns: 60 },
    );
  });

  test("through a file, which is its owner's alone", () => {
    const path = join(directory, "a.ndjson");
    const recorder = openRecorder(path, HEADER);
    recorder.write(EVENT);
    expect(readRecording(path).observations).toEqual([EVENT]);
    recorder.close();
    recorder.write(EVENT);
    recorder.close();
    expect(readRecording(path)).toEqual({ header: HEADER, observations: [EVENT] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("of a recording that was cut off anywhere loses its last line at most", () => {
    const observations = fc.sample(OBSERVATIONS.unit, { numRuns: 3, seed: 1 });
    const bytes = Buffer.from(HEAD + observations.map(recordingLine).join(""));
    for (let length = HEAD.length; length <= bytes.length; length += 1) {
      const { header, observations: read } = parseRecording(bytes.subarray(0, length).toString("utf8"), "f");
      expect(header).toEqual(HEADER);
      expect(read).toEqual(observations.slice(0, read.length));
    }
  });
});

describe("hostile lines are refused with file and line", () => {
  const line = JSON.stringify(EVENT);
  test.each([
    ["no JSON", "{", /not JSON/],
    ["an empty line", "", /not JSON/],
    ["a bare value", "7", /./],
    ["null", "null", /./],
    ["a list", "[]", /./],
    ["an unknown kind", line.replace("feed-event", "feed-secret"), /kind/],
    ["a missing field", line.replace(',"revision":7', ""), /revision/],
    ["a wrong type", line.replace("7}", '"7"}'), /revision/],
    ["a number beyond all bounds", line.replace("7}", "1e999}"), /revision/],
    ["a time outside of time", line.replace(String(EVENT.atMs), "1e300"), /atMs/],
    ["a negative time", line.replace(String(EVENT.atMs), "-1"), /atMs/],
    [
      "a time in the far future",
      line.replace(String(EVENT.atMs), String(HEADER.startedAtMs + RECORDING_SPAN_MAX_MS + 1)),
      /7 days/,
    ],
    ["a field too many", line.replace("7}", '7,"token":"s3cret"}'), /token/],
    ["a prototype", line.replace("7}", '7,"__proto__":{"admin":true}}'), /./],
    [
      "a resource that is a trap",
      `{"node":"a","atMs":1,"kind":"cache","resource":"constructor","reading":{"known":false,"reason":"tls","detail":""}}`,
      /resource/,
    ],
    ["a deep nest", "[".repeat(100_000), /not JSON/],
  ])("%s", (_, hostile, expected) => {
    const message = lineOf(() => parseRecording(`${HEAD}${line}\n${hostile}\n${line}\n`, "dir/f.ndjson"));
    expect(message).toMatch(/^dir\/f\.ndjson:3: [^\n]+$/);
    expect(message).toMatch(expected);
  });

  test.each([
    ["nothing", ""],
    ["no line end", HEAD.trimEnd()],
    ["an observation", `${line}\n`],
    ["another format", HEAD.replace("quorate-recording", "tcpdump")],
    ["a newer version", HEAD.replace('"version":1', '"version":2')],
    ["no nodes", HEAD.replace('["k8s01","k8s02"]', "[]")],
    ["a field too many", HEAD.replace("{", '{"kubeconfig":"s3cret",')],
  ])("a file that begins with %s", (_, text) => {
    expect(lineOf(() => parseRecording(text, "f"))).toMatch(/^f:1: not a recording[^\n]+$/);
  });

  test("any bytes at all give a recording or one line", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(line))), (lines) => {
        try {
          parseRecording(HEAD + lines.map((one) => `${one}\n`).join(""), "f");
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError);
          expect((error as RecordingError).message).toMatch(/^f:\d+: [^\n]+$/);
        }
      }),
    );
  });
});

/** Every way to add one field somewhere inside. */
function withOneMore(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => withOneMore(one, key).map((more) => value.with(index, more)));
  }
  const inside = Object.entries(value).flatMap(([name, one]) =>
    withOneMore(one, key).map((more) => ({ ...value, [name]: more })),
  );
  return [{ ...value, [key]: "s3cret" }, ...inside];
}

describe("no secret and no object content", () => {
  test.each(Object.entries(OBSERVATIONS))("fits into an observation of kind %s, at any depth", (_, arbitrary) => {
    for (const observation of fc.sample<Observation>(arbitrary, { numRuns: 10, seed: 7 })) {
      expect(parseRecording(HEAD + recordingLine(observation), "f").observations).toHaveLength(1);
      for (const key of ["data", "object", "token", "labels"]) {
        for (const more of withOneMore(observation, key)) {
          expect(lineOf(() => parseRecording(`${HEAD}${JSON.stringify(more)}\n`, "f"))).toMatch(/^f:2: /);
        }
      }
    }
  });
});

describe("files that cannot be used are told in one line", () => {
  test("an existing file is not overwritten", () => {
    const path = join(directory, "a.ndjson");
    writeFileSync(path, "precious");
    expect(lineOf(() => openRecorder(path, HEADER))).toMatch(/a\.ndjson: it exists already; choose another name$/);
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  test("a path below a file, a missing directory", () => {
    writeFileSync(join(directory, "file"), "");
    expect(lineOf(() => openRecorder(join(directory, "file/a"), HEADER))).toMatch(/cannot be written \(ENOTDIR\)$/);
    expect(lineOf(() => openRecorder(join(directory, "none/a"), HEADER))).toMatch(/cannot be written \(ENOENT\)$/);
  });

  test("a missing file, a directory, a path below a file", () => {
    mkdirSync(join(directory, "sub"));
    writeFileSync(join(directory, "file"), "");
    expect(lineOf(() => readRecording(join(directory, "none")))).toMatch(/none: cannot be read \(ENOENT\)$/);
    expect(lineOf(() => readRecording(join(directory, "sub")))).toMatch(/sub: cannot be read \(EISDIR\)$/);
    expect(lineOf(() => readRecording(join(directory, "file/a")))).toMatch(/a: cannot be read \(ENOTDIR\)$/);
  });

  test.skipIf(!existsSync("/dev/zero"))("a file without an end is given up at the cap", () => {
    expect(lineOf(() => readRecording("/dev/zero"))).toMatch(/^\/dev\/zero: larger than \d+ bytes$/);
  });
});
