import * as fc from "fast-check";
import type { Observation, ObservationKind } from "../../core/model/observation.ts";
import type { Reading, UnknownReason } from "../../core/model/observed.ts";

const REASONS: Readonly<Record<UnknownReason, true>> = {
  "not-read-yet": true,
  deadline: true,
  unreachable: true,
  "connection-refused": true,
  "not-found": true,
  "permission-denied": true,
  tls: true,
  protocol: true,
  "server-error": true,
  "not-configured": true,
};

const count = fc.nat();
const latencyMs = fc.double({ min: 0, max: 1e6, noNaN: true }).map(Math.abs);
const text = fc.string({ unit: "grapheme" });
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

/** A known reading of the value, or an unknown one with any reason. */
function reading<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> {
  const reason = fc.constantFrom(...(Object.keys(REASONS) as UnknownReason[]));
  return fc.oneof(
    fc.record({ known: fc.constant<true>(true), value }),
    fc.record({ known: fc.constant<false>(false), reason, detail: text }),
  );
}

const revisionRead = fc.record({ revision: count, latencyMs });
const role = fc.constantFrom("datastore" as const, "kubelite" as const);
const resource = fc.constantFrom("pods", "configmaps", "leases.coordination.k8s.io");

const unitState = fc.record({
  unit: text,
  activeState: text,
  subState: text,
  result: text,
  invocationId: maybe(text),
  activeEnterAtMs: maybe(count),
  mainPid: count,
  restarts: count,
});

const server = fc.record({
  id,
  address: text,
  role: fc.constantFrom("voter" as const, "stand-by" as const, "spare" as const),
});

const dqliteMember = fc.record({
  address: text,
  leader: maybe(fc.record({ id, address: text })),
  servers: fc.array(server, { maxLength: 5 }),
});

const leaseRead = fc.record({
  namespace: text,
  name: text,
  holderIdentity: maybe(text),
  renewAtMs: maybe(count),
  serverAtMs: maybe(count),
  leaseDurationSeconds: maybe(count),
  leaseTransitions: maybe(count),
  resourceVersion: text,
  latencyMs,
});

const cacheRead = fc.record({
  resource,
  latest: maybe(fc.record({ revision: maybe(count), latencyMs })),
  cache: revisionRead,
});
const counters = fc.record({ pollQueries: count, otherQueries: count, failedTransactions: count });
const at = { node: text, atMs: fc.nat({ max: 1e12 }) };

type OfKind<K> = fc.Arbitrary<Extract<Observation, { kind: K }>>;

function head<const K extends ObservationKind>(kind: K) {
  return { ...at, kind: fc.constant(kind) };
}

/** Any observation of each kind. A kind that is missing here does not compile. */
export const OBSERVATIONS: { readonly [K in ObservationKind]: OfKind<K> } = {
  unit: fc.record({ ...head("unit"), role, reading: reading(unitState) }),
  "stopped-on-purpose": fc.record({ ...head("stopped-on-purpose"), reading: reading(fc.boolean()) }),
  "member-list": fc.record({ ...head("member-list"), reading: reading(count) }),
  dqlite: fc.record({
    ...head("dqlite"),
    member: fc.record({ id: maybe(id), address: text }),
    own: fc.boolean(),
    reading: reading(dqliteMember),
  }),
  "store-read": fc.record({ ...head("store-read"), reading: reading(revisionRead) }),
  "feed-stream": fc.record({ ...head("feed-stream"), reading: reading(fc.record({ revision: count })) }),
  "feed-event": fc.record({ ...head("feed-event"), revision: count }),
  "feed-progress": fc.record({ ...head("feed-progress"), revision: count }),
  cache: fc.record({ ...head("cache"), resource, reading: reading(cacheRead) }),
  readyz: fc.record({ ...head("readyz"), reading: reading(fc.record({ status: count, latencyMs })) }),
  lease: fc.record({ ...head("lease"), name: text, reading: reading(leaseRead) }),
  "datastore-metrics": fc.record({ ...head("datastore-metrics"), reading: reading(counters) }),
  "lock-errors": fc.record({ ...head("lock-errors"), reading: reading(fc.record({ count, windowMs: count })) }),
};
