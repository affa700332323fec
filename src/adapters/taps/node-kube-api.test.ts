import { afterEach, expect, test } from "vitest";
import { known } from "../../core/model/observed.ts";
import { microk8s } from "../../core/profiles/microk8s/index.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { systemClock } from "../clock/system-clock.ts";
import { closeAll, get, open } from "../kube/testing-api.ts";
import { certificate, listenHttp2Tls, respondJson, type TestPeer } from "../net/testing.ts";
import { createNodeKubeApi } from "./node-kube-api.ts";

afterEach(closeAll);

/** A clock on which every request comes long after the client was made. */
function hurryingClock() {
  let passedMs = 0;
  return { ...systemClock, monotonicMs: () => (passedMs += 10_000) };
}

function encoded(name: string): string {
  return Buffer.from(certificate(name)).toString("base64");
}

function kubeApiOf(peer: TestPeer) {
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    clusters: [
      {
        name: "c",
        cluster: { server: `https://127.0.0.1:${peer.port}`, "certificate-authority-data": encoded("ca.crt") },
      },
    ],
    users: [
      {
        name: "u",
        user: { "client-certificate-data": encoded("client.crt"), "client-key-data": encoded("client.key") },
      },
    ],
  });
  let reads = 0;
  const access = {
    name: "k8s01",
    readFile: () => {
      reads += 1;
      return Promise.resolve(known(Buffer.from(kubeconfig)));
    },
    connect: peer.connect,
  } as unknown as NodeAccess;
  return { api: createNodeKubeApi({ access, profile: microk8s, clock: hurryingClock() }), reads: () => reads };
}

test("a refused credential is read anew, and requests that are under way hear their own refusal, not a hang-up", async () => {
  const slowOnes: (() => void)[] = [];
  const peer = open(
    await listenHttp2Tls((stream, headers) => {
      const refuse = () => respondJson(stream, 401, { kind: "Status", message: "Unauthorized" });
      if (headers[":path"] === "/slow") slowOnes.push(refuse);
      else refuse();
    }),
  );
  const { api, reads } = kubeApiOf(peer);
  const slow = api.request(get("/slow"));
  const refused = { known: false, reason: "permission-denied" };
  expect(await api.request(get("/quick"))).toMatchObject(refused);
  expect(await api.request(get("/again"))).toMatchObject(refused);
  expect(reads()).toBe(2);
  expect(slowOnes).toHaveLength(1);
  slowOnes[0]?.();
  expect(await slow).toMatchObject(refused);
  api.close();
});
