import type { Json } from "../datastore/datastore.ts";
import type { Process } from "../process.ts";
import type { ApiServer } from "./apiserver.ts";
import { type ApiResult, callApi } from "./client.ts";
import { field, isObject, type KubeObject } from "./object.ts";
import { apiPath, resourceNamed } from "./resources.ts";

/** What a Lease says about leadership: client-go's LeaderElectionRecord. */
export interface LeaderRecord {
  /** Empty: nobody holds it. */
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

export type LeaseFound =
  | { readonly kind: "found"; readonly record: LeaderRecord; readonly isChanged: boolean }
  | { readonly kind: "absent" }
  | { readonly kind: "error"; readonly error: string };

/** client-go's LeaseLock: it remembers the Lease that it last saw or wrote, and updates that one. */
export interface LeaseClient {
  get(done: (found: LeaseFound) => void): void;
  /** Null when it was written; else the error's text. */
  create(record: LeaderRecord, done: (error: string | null) => void): void;
  update(record: LeaderRecord, done: (error: string | null) => void): void;
}

interface LeaseClientOptions {
  readonly process: Process;
  readonly apiserver: ApiServer;
  readonly name: string;
  readonly requestDeadlineMs: number;
}

const LEASES = resourceNamed("leases.coordination.k8s.io");

export function createLeaseClient({ process, apiserver, name, requestDeadlineMs }: LeaseClientOptions): LeaseClient {
  const collection = apiPath(LEASES, "kube-system");
  const path = `${collection}/${name}`;
  let last: KubeObject | null = null;
  /** The spec of the last GET: a record is new when its content is. */
  let lastReadSpec: Json | undefined;

  const written = (result: ApiResult, done: (error: string | null) => void) => {
    if (result.answered && result.status < 300 && isObject(result.body)) {
      last = result.body;
      return done(null);
    }
    done(errorOf(result));
  };

  return {
    get: (done) =>
      callApi(process, apiserver, { method: "GET", path }, requestDeadlineMs, (result) => {
        if (result.answered && result.status === 404) return done({ kind: "absent" });
        if (!result.answered || result.status !== 200 || !isObject(result.body))
          return done({ kind: "error", error: errorOf(result) });
        last = result.body;
        const isChanged = lastReadSpec === undefined || !isSameRecord(lastReadSpec, result.body.spec);
        lastReadSpec = result.body.spec ?? null;
        done({ kind: "found", record: recordOf(result.body), isChanged });
      }),
    create: (record, done) => {
      const metadata = { name, namespace: "kube-system" };
      const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { ...record } };
      callApi(process, apiserver, { method: "POST", path: collection, body }, requestDeadlineMs, (result) =>
        written(result, done),
      );
    },
    update: (record, done) => {
      if (last === null) return done("lease not initialized, call get or create first");
      const body = { ...last, spec: { ...last.spec, ...record } };
      callApi(process, apiserver, { method: "PUT", path, body }, requestDeadlineMs, (result) => written(result, done));
    },
  };
}

const RECORD_FIELDS = ["holderIdentity", "leaseDurationSeconds", "acquireTime", "renewTime", "leaseTransitions"];

function isSameRecord(one: Json | undefined, other: Json | undefined): boolean {
  return RECORD_FIELDS.every((name) => field(one, name) === field(other, name));
}

/** Absent fields read as Go's zero values. */
function recordOf({ spec }: KubeObject): LeaderRecord {
  const text = (name: string) => {
    const value = spec?.[name];
    return typeof value === "string" ? value : "";
  };
  const count = (name: string) => {
    const value = spec?.[name];
    return typeof value === "number" ? value : 0;
  };
  return {
    holderIdentity: text("holderIdentity"),
    leaseDurationSeconds: count("leaseDurationSeconds"),
    acquireTime: text("acquireTime"),
    renewTime: text("renewTime"),
    leaseTransitions: count("leaseTransitions"),
  };
}

function errorOf(result: ApiResult): string {
  if (!result.answered) return result.why;
  const message = field(result.body, "message");
  return typeof message === "string" ? message : `HTTP ${result.status}`;
}
