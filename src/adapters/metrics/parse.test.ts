import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDatastoreMetrics } from "./parse.ts";

const CAPTURED = readFileSync(new URL("fixtures/k8s-dqlite.txt", import.meta.url), "utf8");

describe("a page of k8s-dqlite", () => {
  it("gives the poll loop's queries, all others, and the failed transactions", () => {
    expect(parseDatastoreMetrics(CAPTURED)).toEqual({ pollQueries: 598, otherQueries: 6_099, failedTransactions: 6 });
  });

  it("counts the failed queries of the poll loop too", () => {
    const text = `${CAPTURED}k8s_dqlite_generic_op_result{result="fail",tx_name="after_sql_limit"} 1\n`;
    expect(parseDatastoreMetrics(text)).toMatchObject({ pollQueries: 599, failedTransactions: 6 });
  });

  it("counts the same with labels in any order, commas and braces in values, spaces and timestamps", () => {
    const text =
      'k8s_dqlite_generic_op_result{ tx_name="a,b", result="}" } 7 1795308254573\n' +
      'k8s_dqlite_generic_op_result{tx_name="after_sql_limit",result="success"} 1.2e+02\n';
    expect(parseDatastoreMetrics(text)).toEqual({ pollQueries: 120, otherQueries: 7, failedTransactions: 0 });
  });

  it("with its poll loop not begun has zero poll queries", () => {
    const text = 'k8s_dqlite_generic_op_result{result="success",tx_name="create_sql"} 1\n';
    expect(parseDatastoreMetrics(text)).toEqual({ pollQueries: 0, otherQueries: 1, failedTransactions: 0 });
  });
});

describe("a page without statement counters", () => {
  it("is null: another program, or k8s-dqlite before 1.2", () => {
    expect(parseDatastoreMetrics("")).toBeNull();
    expect(parseDatastoreMetrics("go_goroutines 61\n")).toBeNull();
    expect(parseDatastoreMetrics("<html>k8s_dqlite_generic_op_result</html>")).toBeNull();
    expect(parseDatastoreMetrics('k8s_dqlite_generic_op_result_total{tx_name="x"} 1')).toBeNull();
  });
});

describe("hostile text", () => {
  it.each(["NaN", "+Inf", "-1", "1e999", "x", ""])("counts nothing for the value %j", (value) => {
    expect(parseDatastoreMetrics(`k8s_dqlite_generic_op_result{tx_name="x"} ${value}`)).toBeNull();
  });

  it("counts nothing for labels that do not parse, and none that would change an object's prototype", () => {
    expect(parseDatastoreMetrics('k8s_dqlite_generic_op_result{tx_name="x} 1')).toBeNull();
    expect(parseDatastoreMetrics('k8s_dqlite_generic_op_result{__proto__="x"} 1')).toMatchObject({ otherQueries: 1 });
  });

  it("of any kind gives null or counts", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("k8s_dqlite_generic_op_result{", 'tx_name="', '"', "\\", "}", " ", "1", "\n", ","),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const metrics = parseDatastoreMetrics(pieces.join(""));
        for (const count of Object.values(metrics ?? {})) expect(count).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of one endless line is read in no time", () => {
    const startedMs = performance.now();
    parseDatastoreMetrics(`k8s_dqlite_generic_op_result{${"} ".repeat(1_000_000)}`);
    parseDatastoreMetrics(`k8s_dqlite_generic_op_result{${"} 1 ".repeat(255)}\n`.repeat(1_000));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
