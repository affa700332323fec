import { expect, test } from "vitest";
import { askRestart, createTestLab, runUpToIntent } from "../test-lab.ts";
import { oneAtATime } from "./index.ts";

function act(node: string, token = 7) {
  const lab = createTestLab(oneAtATime);
  return {
    lab,
    go: () => {
      runUpToIntent(lab, node, token);
      askRestart(lab, node, { token });
      lab.restart(node, "quorate/quorate");
    },
  };
}

test("a restart under the lock, with its token, of a calm cluster passes", () => {
  const { lab, go } = act("k8s02");
  go();
  expect(lab.found).toEqual([]);
});

test("a restart half a minute after somebody's restart on another node is caught", () => {
  const { lab, go } = act("k8s02");
  lab.restart("k8s01", "ansible");
  lab.pass(30);
  go();
  expect(lab.found).toEqual([
    expect.stringContaining("after snap.microk8s.daemon-k8s-dqlite on k8s01 was started by ansible"),
  ]);
});

test("once the other one has stabilised it passes, and so does one that began too late to be seen", () => {
  const { lab, go } = act("k8s02");
  lab.restart("k8s01", "ansible");
  lab.pass(61);
  lab.restart("k8s03", "operator");
  go();
  expect(lab.found).toEqual([]);
});

test("a kubelite that systemd restarts by itself is nobody's act", () => {
  const { lab, go } = act("k8s02");
  lab.restart("k8s01", "systemd", "kubelite");
  lab.pass(30);
  go();
  expect(lab.found).toEqual([]);
});

test("a restart without the lock, or with a token that is not the lock's, is caught", () => {
  const { lab } = act("k8s02");
  askRestart(lab, "k8s02");
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("token 7, which is not the lock's")]);
});

test("a restart that nobody asked for is caught", () => {
  const { lab } = act("k8s02");
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("without asking")]);
});

test("a token that is older than one that the node has seen is caught", () => {
  const { lab, go } = act("k8s02");
  go();
  lab.pass(60);
  lab.lock = { holder: "quorate/r1", token: 6 };
  lab.pass(1);
  askRestart(lab, "k8s02", { token: 6 });
  lab.restart("k8s02", "quorate/quorate");
  expect(lab.found).toEqual([expect.stringContaining("the node had seen 7")]);
});
