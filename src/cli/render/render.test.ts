import { describe, expect, test } from "vitest";
import { recordWorld } from "../../../test/e2e/test-recording.ts";
import { parseRecording } from "../../adapters/recording/reader.ts";
import { microk8s } from "../../core/profiles/microk8s/index.ts";
import { finalLadder } from "../../core/recording/replay.ts";
import { TestCluster } from "../../core/test-cluster.ts";
import { parseDuration } from "../duration.ts";
import { doctorReport } from "../report/doctor-report.ts";
import { drawLadder } from "./ladder.ts";
import { plain } from "./style.ts";
import { drawTable } from "./table.ts";

test.each([
  ["90s", 90_000],
  ["1500ms", 1500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["0s", 0],
  ["1.5s", 1500],
])("the duration %s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "8", "s", "-1s", "1 s", "1e3s", "1d", "8s ", "\u0668s", "soon"])("%j is no duration", (text) => {
  expect(() => parseDuration(text)).toThrow("is no duration; write it like 8s, 1500ms or 2m");
});

test("control characters never reach a terminal, and other text is left alone", () => {
  expect(plain("a\u001b[31mb\u009bc\r\nd\te\u0000\u007f")).toBe("a\u00b7[31mb\u00b7c\u00b7\u00b7d\u00b7e\u00b7\u00b7");
  expect(plain("Größe \u{1f525} 日本")).toBe("Größe \u{1f525} 日本");
});

test("a table is padded by what is seen, not by its colour codes, and has no trailing spaces", () => {
  const rows = [
    [{ text: "NODE" }, { text: "unit" }],
    [{ text: "a", drawn: "\u001b[32ma\u001b[39m" }, { text: "" }],
    [{ text: "longer-name" }, { text: "ok" }],
  ];
  expect(drawTable(rows)).toBe("  NODE         unit\n  \u001b[32ma\u001b[39m\n  longer-name  ok");
});

describe("doctor's page", () => {
  test("of a dead feed: the cause in capitals, its consequence, its evidence and the remedy as a command", async () => {
    const text = await recordWorld((world) => world.killFeed(world.nodes[1]));
    const page = drawLadder(finalLadder(parseRecording(text, "f")), microk8s, { colour: false });
    expect(page).toMatch(/^ {2}NODE {3}unit {2,}quorum {2,}store {2,}feed {2,}cache$/m);
    expect(page).toMatch(/^ {2}k8s02 {2}ok {2,}ok {2,}ok {2,}BROKEN {2,}(broken|unknown)$/m);
    expect(page).toMatch(/^CAUSE {2}k8s02, rung feed: the datastore delivers no watch events: /m);
    expect(page).toMatch(/^ +consequence, not cause: cache$/m);
    expect(page).toMatch(/^ +etcd Watch \/registry\/leases\/: last event: .* bound: behind for 3000 ms\)$/m);
    expect(page).toMatch(/^REMEDY quorate recover --node k8s02$/m);
    expect(page).toMatch(/systemctl restart snap\.microk8s\.daemon-k8s-dqlite on k8s02, nothing else/);
    expect(page).not.toContain("\u001b");
  });

  test.each([1, 2])("of a dead feed above %i voters: no command that the guard would refuse", (voters) => {
    const cluster = new TestCluster({}, voters).run(10).change("node-1", { feed: "dead" }).run(10);
    const page = drawLadder(cluster.ladder, microk8s, { colour: false });
    expect(page).toMatch(/^CAUSE {2}node-1, rung feed/m);
    expect(page).toMatch(/^REMEDY .*the whole control plane.*a person decides when/m);
    const document = doctorReport(cluster.ladder, microk8s, 0);
    expect(document.causes).toMatchObject([{ remedy: null, advice: expect.stringContaining("a person decides") }]);
    expect(page + JSON.stringify(document)).not.toContain("quorate recover");
  });

  test("in colour says the same words", async () => {
    const text = await recordWorld((world) => world.killFeed(world.nodes[1]));
    const ladder = finalLadder(parseRecording(text, "f"));
    const coloured = drawLadder(ladder, microk8s, { colour: true });
    expect(coloured).toContain("\u001b[31m");
    // oxlint-disable-next-line no-control-regex -- the escape sequences are what is taken out
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(drawLadder(ladder, microk8s, { colour: false }));
  });
});
