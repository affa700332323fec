/** For tests only: clients of test peers, all closed by one `closeAll` in `afterEach`. */
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { Clock } from "../../ports/clock.ts";
import type { KubeApi, KubeRequest } from "../../ports/kube-api.ts";
import { systemClock } from "../clock/system-clock.ts";
import type { TestPeer } from "../net/testing.ts";
import { certificate, respondJson } from "../net/testing.ts";
import { createKubeApi } from "./client.ts";
import type { KubeCredentials } from "./credentials.ts";

/** What a kubeconfig for the test server says. */
export const TEST_CREDENTIALS: KubeCredentials = {
  caPem: certificate("ca.crt"),
  serverName: null,
  insecure: false,
  certPem: certificate("client.crt"),
  keyPem: certificate("client.key"),
  authorization: null,
};

const closers: (() => unknown)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}

export function open(peer: TestPeer): TestPeer {
  closers.push(peer.close);
  return peer;
}

export interface ApiOptions {
  readonly server?: string;
  readonly credentials?: Partial<KubeCredentials>;
  readonly connect?: () => Promise<Duplex>;
  readonly clock?: Clock;
}

export function apiOf(peer: TestPeer, options: ApiOptions = {}): KubeApi {
  const api = createKubeApi({
    server: new URL(options.server ?? `https://127.0.0.1:${peer.port}`),
    credentials: { ...TEST_CREDENTIALS, ...options.credentials },
    connect: options.connect ?? peer.connect,
    clock: options.clock ?? systemClock,
  });
  closers.push(() => api.close());
  return api;
}

/** Answers 200 with an empty object. */
export function ok(stream: ServerHttp2Stream): void {
  respondJson(stream, 200, {});
}

export function get(path: string, deadlineMs = 2_000): KubeRequest {
  return { method: "GET", path, deadlineMs };
}
