import { z } from "zod";
import type { Observation } from "../../core/model/observation.ts";

const unknownReading = z.strictObject({
  known: z.literal(false),
  reason: z.enum([
    "not-read-yet",
    "deadline",
    "unreachable",
    "connection-refused",
    "not-found",
    "permission-denied",
    "tls",
    "protocol",
    "server-error",
    "not-configured",
  ]),
  detail: z.string(),
});

function reading<T extends z.ZodType>(value: T) {
  return z.union([z.strictObject({ known: z.literal(true), value }), unknownReading]);
}

/** ms since the epoch, as far as a Date reaches: what lies outside cannot be shown. */
export const instant = z.number().min(0).max(8.64e15);

/** As Kubernetes writes them. `constructor` is no resource, and a trap for whoever keeps them as keys of an object. */
const resourceName = z.string().regex(/^(?!constructor$)[a-z][a-z0-9.-]*$/);

const atNode = { node: z.string(), atMs: instant };
const number = z.number();
const revisionRead = z.strictObject({ revision: number, latencyMs: number });
const member = z.strictObject({ id: z.string().nullable(), address: z.string() });
const role = z.enum(["datastore", "kubelite"]);

const unitState = z.strictObject({
  unit: z.string(),
  activeState: z.string(),
  subState: z.string(),
  result: z.string(),
  invocationId: z.string().nullable(),
  activeEnterAtMs: number.nullable(),
  mainPid: number,
  restarts: number,
});

const dqliteMember = z.strictObject({
  address: z.string(),
  leader: z.strictObject({ id: z.string(), address: z.string() }).nullable(),
  servers: z.array(
    z.strictObject({ id: z.string(), address: z.string(), role: z.enum(["voter", "stand-by", "spare"]) }),
  ),
});

const cacheRead = z.strictObject({
  resource: resourceName,
  latest: z.strictObject({ revision: number.nullable(), latencyMs: number }).nullable(),
  cache: revisionRead,
});

const leaseRead = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  holderIdentity: z.string().nullable(),
  renewAtMs: number.nullable(),
  serverAtMs: number.nullable().optional(),
  leaseDurationSeconds: number.nullable(),
  leaseTransitions: number.nullable(),
  resourceVersion: z.string(),
  latencyMs: number,
});

const counters = z.strictObject({ pollQueries: number, otherQueries: number, failedTransactions: number });

/** One observation as a recording holds it: nothing that the core does not know comes in. */
export const observationSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...atNode, kind: z.literal("unit"), role, reading: reading(unitState) }),
  z.strictObject({ ...atNode, kind: z.literal("stopped-on-purpose"), reading: reading(z.boolean()) }),
  z.strictObject({ ...atNode, kind: z.literal("member-list"), reading: reading(number) }),
  z.strictObject({ ...atNode, kind: z.literal("dqlite"), member, own: z.boolean(), reading: reading(dqliteMember) }),
  z.strictObject({ ...atNode, kind: z.literal("store-read"), reading: reading(revisionRead) }),
  z.strictObject({ ...atNode, kind: z.literal("feed-stream"), reading: reading(z.strictObject({ revision: number })) }),
  z.strictObject({ ...atNode, kind: z.literal("feed-event"), revision: number }),
  z.strictObject({ ...atNode, kind: z.literal("feed-progress"), revision: number }),
  z.strictObject({ ...atNode, kind: z.literal("cache"), resource: resourceName, reading: reading(cacheRead) }),
  z.strictObject({
    ...atNode,
    kind: z.literal("readyz"),
    reading: reading(z.strictObject({ status: number, latencyMs: number })),
  }),
  z.strictObject({ ...atNode, kind: z.literal("lease"), name: z.string(), reading: reading(leaseRead) }),
  z.strictObject({ ...atNode, kind: z.literal("datastore-metrics"), reading: reading(counters) }),
  z.strictObject({
    ...atNode,
    kind: z.literal("lock-errors"),
    reading: reading(z.strictObject({ count: number, windowMs: number })),
  }),
]);

/** The schema and the model are the same: a difference does not compile. */
type Same = [z.infer<typeof observationSchema>] extends [Observation] ? true : never;
export const SCHEMA_IS_THE_MODEL: Same = true;
