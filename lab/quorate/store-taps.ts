import type { RevisionRead } from "../../src/core/model/observation.ts";
import { known, type Reading, type UnknownReason, unknown } from "../../src/core/model/observed.ts";
import type { EtcdWatch, EtcdWatchHandlers } from "../../src/ports/etcd-api.ts";
import type { WatchStream } from "../world/datastore/datastore.ts";
import type { TapScene } from "./scene.ts";

/** The key that the apiserver's own health check asks for. */
const HEALTH_KEY = "/registry/health";
const LEASES_PREFIX = "/registry/leases/";

/** The real client gives up on a Watch that is not confirmed after this. */
const OPEN_DEADLINE_MS = 10_000;

/** Our own deadline passes first: the real client sends the server none. */
const LONGER_MS = 1000;

/** HTTP/2 PINGs of the real client: every 10 s, and the connection is given up when one stays unanswered for 5 s. */
const KEEPALIVE_INTERVAL_MS = 10_000;
const KEEPALIVE_DEADLINE_MS = 5000;

/** Header revision of one small Range at the datastore's socket. */
export function readRevision(scene: TapScene, deadlineMs: number): Promise<Reading<RevisionRead>> {
  const { reach } = scene;
  const what = `Range ${HEALTH_KEY} at kine.sock of ${scene.node.name}`;
  return reach.read<RevisionRead>(what, deadlineMs, (answer) =>
    range(scene, what, { answer, timeoutMs: deadlineMs + LONGER_MS, isRepeatable: true }),
  );
}

/** A read whose connection broke off unanswered is asked once more, as the HTTP/2 client does it. */
function range(
  scene: TapScene,
  what: string,
  {
    answer,
    timeoutMs,
    isRepeatable,
  }: {
    readonly answer: (reading: Reading<RevisionRead>) => void;
    readonly timeoutMs: number;
    readonly isRepeatable: boolean;
  },
): void {
  const { sim, life, node } = scene;
  const startedMs = sim.nowMs();
  node.datastore.range(life.process, { key: HEALTH_KEY, timeoutMs }, (result) => {
    if (!node.host.isUp) return;
    if (result.ok) return answer(known({ revision: result.value.revision, latencyMs: sim.nowMs() - startedMs }));
    if (result.error === "connection-reset" && isRepeatable) {
      return range(scene, what, { answer, timeoutMs, isRepeatable: false });
    }
    answer(unknown(reasonOf(result.error), `${what}: ${result.error}`));
  });
}

function reasonOf(error: string): UnknownReason {
  if (error === "connection-refused") return "connection-refused";
  return error === "connection-reset" ? "protocol" : "server-error";
}

/** One Watch on all Leases at the datastore itself, from now on. */
export function openLeaseWatch(scene: TapScene, handlers: EtcdWatchHandlers): EtcdWatch {
  const { sim, life, reach, node } = scene;
  const what = `etcd Watch ${LEASES_PREFIX} at kine.sock of ${node.name}`;
  let stream: WatchStream | null = null;
  let isOver = false;
  let isConfirmed = false;
  const end = (reason: UnknownReason, detail: string): void => {
    if (isOver) return;
    isOver = true;
    forget();
    stream?.close();
    sim.settle(() => handlers.onEnd(reason, detail));
  };
  const forget = reach.onLost(({ reason, detail }) => end(reason, detail));
  life.process.after(OPEN_DEADLINE_MS, () => {
    if (!isConfirmed && life.isAlive()) end("deadline", `${what}: not confirmed within ${OPEN_DEADLINE_MS} ms`);
  });
  const pass = (run: () => void): void => {
    if (!isOver && life.isAlive()) run();
  };

  function ping(): void {
    if (isOver || !life.isAlive()) return;
    let isAnswered = false;
    scene.world.network.call<null>({
      from: life.process,
      to: node.datastore.port,
      serve: (answer) => answer(null),
      answered: () => {
        isAnswered = true;
      },
      refused: () => undefined,
    });
    life.process.after(KEEPALIVE_DEADLINE_MS, () => {
      if (isAnswered) life.process.after(KEEPALIVE_INTERVAL_MS - KEEPALIVE_DEADLINE_MS, ping);
      else if (life.isAlive()) end("deadline", `${what}: HTTP/2 PING: no answer within ${KEEPALIVE_DEADLINE_MS} ms`);
    });
  }

  reach.open((failure) => {
    if (failure !== null) return end(failure.reason, failure.detail);
    if (isOver || !node.host.isUp) return;
    life.process.after(KEEPALIVE_INTERVAL_MS, ping);
    stream = node.datastore.watch(
      life.process,
      { prefix: LEASES_PREFIX, afterRevision: null, periodicProgress: false },
      {
        onCreated: (revision) =>
          pass(() => {
            isConfirmed = true;
            handlers.onCreated(revision);
          }),
        onEvents: (_, revision) => pass(() => handlers.onEvents(revision)),
        onProgress: (revision) => pass(() => handlers.onProgress(revision)),
        onEnd: (reason) => pass(() => end(reasonOf(reason), `${what}: ${reason}`)),
      },
    );
  });
  return {
    requestProgress: () => {
      if (!isOver) stream?.requestProgress();
    },
    close: () => end("not-read-yet", "closed by this side"),
  };
}
