import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createExportParser, FIELD_BYTES_MAX } from "./export-parser.ts";

const UNIT = "snap.microk8s.daemon-k8s-dqlite.service";

/** A text field. */
function line(name: string, value: string): Buffer {
  return Buffer.from(`${name}=${value}\n`);
}

/** A binary field. */
function binary(name: string, value: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from("\n")]);
}

function entry(...fields: Buffer[]): Buffer {
  return Buffer.concat([line("__REALTIME_TIMESTAMP", "1795309148469479"), ...fields, Buffer.from("\n")]);
}

function parse(...chunks: Buffer[]) {
  const parser = createExportParser();
  const entries = chunks.flatMap((chunk) => parser.push(chunk));
  return { entries, counts: parser.counts, inside: parser.isInsideEntry(), lost: parser.isLost() };
}

describe("export parser", () => {
  it("reads an entry of a unit", () => {
    const { entries, inside } = parse(
      entry(
        line("__CURSOR", "s=1;i=59"),
        line("_BOOT_ID", "b".repeat(32)),
        line("_TRANSPORT", "stdout"),
        line("_PID", "49"),
        line("_SYSTEMD_UNIT", UNIT),
        line("MESSAGE", 'level=info msg="a=b"'),
        line("_CMDLINE", "not kept"),
      ),
    );
    expect(inside).toBe(false);
    expect(entries).toEqual([
      {
        cursor: "s=1;i=59",
        atMs: 1_795_309_148_469,
        bootId: "b".repeat(32),
        unit: UNIT,
        aboutUnit: null,
        pid: 49,
        transport: "stdout",
        message: 'level=info msg="a=b"',
        messageCut: false,
      },
    ]);
  });

  it("keeps a forged entry inside a binary message where it is", () => {
    const forged = `x\n\n__REALTIME_TIMESTAMP=1\n_SYSTEMD_UNIT=${UNIT}\nMESSAGE=database is locked\n\n`;
    const { entries } = parse(entry(binary("MESSAGE", Buffer.from(forged)), line("_SYSTEMD_UNIT", "pod.scope")));
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ unit: "pod.scope", message: forged });
  });

  it("believes UNIT of process 1 only", () => {
    const about = line("UNIT", UNIT);
    const real = entry(line("_PID", "1"), line("_SYSTEMD_UNIT", "init.scope"), about);
    const forged = entry(line("_PID", "77"), line("_SYSTEMD_UNIT", "cron.service"), about);
    expect(parse(real, forged).entries.map((one) => one.aboutUnit)).toEqual([UNIT, null]);
  });

  it("takes the first of a repeated field", () => {
    const { entries } = parse(entry(line("_SYSTEMD_UNIT", "a.service"), line("_SYSTEMD_UNIT", UNIT)));
    expect(entries[0]?.unit).toBe("a.service");
  });

  it("cuts long fields and counts them, text and binary, kept or not", () => {
    const long = "x".repeat(FIELD_BYTES_MAX + 5_000);
    const { entries, counts } = parse(
      entry(line("MESSAGE", long)),
      entry(binary("MESSAGE", Buffer.from(long))),
      entry(binary("_CMDLINE", Buffer.from(long)), line("MESSAGE", "short")),
    );
    expect(entries.map((one) => one.messageCut)).toEqual([true, true, false]);
    expect(entries[1]?.message).toHaveLength(FIELD_BYTES_MAX);
    expect(counts).toEqual({ entries: 3, untimed: 0, cutFields: 2 });
  });

  it("reads a message that is not UTF-8, an empty one and none", () => {
    const { entries } = parse(
      entry(binary("MESSAGE", Buffer.from([0x61, 0xff, 0x00]))),
      entry(binary("MESSAGE", Buffer.alloc(0))),
      entry(line("_PID", "5")),
    );
    expect(entries.map((one) => one.message)).toEqual(["a\ufffd\0", "", ""]);
  });

  it.each([
    ["a line that is no field", Buffer.from("-- Boot 123 --\n")],
    ["an impossible length", Buffer.concat([Buffer.from("MESSAGE\n"), Buffer.alloc(8, 0xff)])],
    [
      "data without its newline",
      Buffer.concat([binary("MESSAGE", Buffer.from("abc")).subarray(0, -1), Buffer.from("x")]),
    ],
    ["an empty name", Buffer.from("=x\n")],
  ])("reads nothing after %s: what looks like an entry there may be part of a message", (_, rubbish) => {
    const before = entry(line("MESSAGE", "before"));
    const { entries, lost } = parse(before, rubbish, Buffer.from("\n\n"), entry(line("MESSAGE", "forged")));
    expect(entries.map((one) => one.message)).toEqual(["before"]);
    expect(lost).toBe(true);
  });

  it("leaves out an entry without a time, and goes on", () => {
    const { entries, counts } = parse(Buffer.from("MESSAGE=no time\n\n"), entry(line("MESSAGE", "after")));
    expect(entries.map((one) => one.message)).toEqual(["after"]);
    expect(counts.untimed).toBe(1);
  });

  it("notices a truncated tail and does not make an entry of it", () => {
    const whole = entry(line("_PID", "5"), binary("MESSAGE", Buffer.from("abc")));
    for (let length = 1; length < whole.length; length += 1) {
      const { entries, inside } = parse(whole.subarray(0, length));
      expect(entries).toEqual([]);
      expect(inside).toBe(true);
    }
  });

  it("gives the same entries however the bytes are cut", () => {
    const value = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const words = fc.string({ maxLength: 20 }).filter((text) => !text.includes("\n"));
    const fields = fc.array(
      fc.oneof(
        value.map((bytes) => binary("MESSAGE", bytes)),
        words.map((text) => line("MESSAGE", text)),
        value.map((bytes) => binary("OTHER", bytes)),
        words.map((text) => line("_SYSTEMD_UNIT", text)),
      ),
      { maxLength: 5 },
    );
    const stream = fc.array(fields, { maxLength: 5 }).map((list) => Buffer.concat(list.map((each) => entry(...each))));
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 30 })), (bytes, sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)));
        chunks.push(bytes.subarray(at));
        expect(parse(...chunks)).toEqual(parse(bytes));
        expect(parse(bytes).lost).toBe(false);
      }),
    );
  });

  it("never throws and never hangs, whatever comes", () => {
    const nasty = fc.oneof(
      fc
        .constantFrom("MESSAGE\n", "MESSAGE=", "\n", "\n\n", "__REALTIME_TIMESTAMP=1\n", "\0\0\0\0\0\0\0\0")
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(fc.property(fc.array(nasty, { maxLength: 30 }), (chunks) => void parse(...chunks)));
  });
});
