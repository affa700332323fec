import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../world/kube/object.ts";
import { RESOURCES } from "../../world/kube/resources.ts";
import { Message } from "../protobuf.ts";
import { chooseShape } from "./accept.ts";
import { authenticate, forbiddenMessage, isAllowed, VIEWER } from "./access.ts";
import { discoveryAt, GROUPS } from "./discovery.ts";
import { openApiAt } from "./openapi.ts";
import { decodeKubernetes } from "./protobuf/decode.ts";
import { SCHEMA } from "./protobuf/schema.ts";
import { parseBody, parseRequest } from "./request.ts";
import { tableOf } from "./tables/table.ts";
import { durationText } from "./tables/text.ts";

const NOW_MS = Date.UTC(2026, 5, 24, 16, 0);

const pod = (status: object, metadata: object = {}): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [{ name: "a" }, { name: "b" }] },
    status,
  }) as KubeObject;

const of = (method: string, url: string) => parseRequest(method, url).attributes;

const envelope = (apiVersion: string, kind: string, raw: Message) =>
  Buffer.concat([
    Buffer.from("k8s\0"),
    new Message().message(1, new Message().bytes(1, apiVersion).bytes(2, kind)).message(2, raw).done(),
  ]);

describe("tables", () => {
  test.each([
    [0, "0s"],
    [-1500, "0s"],
    [-3000, "<invalid>"],
    [119_999, "119s"],
    [120_000, "2m"],
    [550_000, "9m10s"],
    [600_000, "10m"],
    [179 * 60_000, "179m"],
    [200 * 60_000, "3h20m"],
    [8 * 3_600_000, "8h"],
    [47 * 3_600_000, "47h"],
    [49 * 3_600_000, "2d1h"],
    [9 * 86_400_000, "9d"],
    [800 * 86_400_000, "2y70d"],
  ])("a duration of %d ms is %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  const running = { ready: true, restartCount: 0, state: { running: {} } };

  test.each([
    ["Running", pod({ phase: "Running", containerStatuses: [running, running] }), ["web", "2/2", "Running", "0"]],
    ["Pending", pod({ phase: "Pending" }), ["web", "0/2", "Pending", "0"]],
    [
      "CrashLoopBackOff",
      pod({
        phase: "Running",
        containerStatuses: [
          running,
          {
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { finishedAt: "2026-06-24T15:59:30Z" } },
          },
        ],
      }),
      ["web", "1/2", "CrashLoopBackOff", "3 (30s ago)"],
    ],
    [
      "Completed",
      pod({
        phase: "Succeeded",
        containerStatuses: [
          { ready: false, restartCount: 0, state: { terminated: { reason: "Completed", exitCode: 0 } } },
        ],
      }),
      ["web", "0/2", "Completed", "0"],
    ],
    [
      "Terminating",
      pod({ phase: "Running", containerStatuses: [running, running] }, { deletionTimestamp: "2026-06-24T15:59:59Z" }),
      ["web", "2/2", "Terminating", "0"],
    ],
  ])("a pod that is %s", (_status, object, cells) => {
    const table = tableOf(object, "None", NOW_MS) as { rows: { cells: unknown[] }[] };
    expect(table.rows[0]?.cells.slice(0, 4)).toEqual(cells);
  });

  test("of every kind can be made from an object that has nothing but a name, and of a list", () => {
    for (const { kind, group, version } of RESOURCES) {
      const object = { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata: { name: "bare" } };
      const table = tableOf(
        { ...object, kind: `${kind}List`, metadata: { resourceVersion: "7" }, items: [object] },
        "Metadata",
        NOW_MS,
      );
      expect(table).toMatchObject({
        kind: "Table",
        metadata: { resourceVersion: "7" },
        rows: [{ object: { kind: "PartialObjectMetadata" } }],
      });
      const { columnDefinitions, rows } = table as { columnDefinitions: unknown[]; rows: { cells: unknown[] }[] };
      expect(rows[0]?.cells).toHaveLength(columnDefinitions.length);
      expect(rows[0]?.cells).toContain("bare");
    }
    expect(tableOf({ kind: "Status", apiVersion: "v1", metadata: {} }, "None", NOW_MS)).toBeNull();
  });
});

describe("content negotiation", () => {
  test.each([
    [undefined, "json"],
    [
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
      "table",
    ],
    ["application/vnd.kubernetes.protobuf,application/json", "json"],
    ["application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json", "discovery"],
    ["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", "metadata"],
    ["application/json;as=Table;v=v1beta1;g=meta.k8s.io,*/*", "json"],
    ["application/vnd.kubernetes.protobuf", null],
  ])("%s is answered as %s", (accept, shape) => {
    expect(chooseShape(accept)).toBe(shape);
  });

  test("bodies that are no JSON are refused with a Status", () => {
    expect(parseBody(Buffer.from("a: b"), "application/yaml")).toMatchObject({ refusal: { status: 400 } });
    expect(parseBody(Buffer.from("x"), "text/plain")).toMatchObject({ refusal: { status: 415 } });
    expect(parseBody(Buffer.from("{}"), "application/apply-patch+yaml")).toEqual({ body: {} });
  });
});

describe("discovery and OpenAPI", () => {
  test("name every resource that is served, both ways", () => {
    const told = ["", ...GROUPS].flatMap((group) => {
      const list = discoveryAt(group === "" ? "/api/v1" : `/apis/${group}/v1`, "json") as {
        resources: { name: string }[];
      };
      return list.resources.map(({ name }) => `${group}/${name}`);
    });
    const aggregated = ["/api", "/apis"].flatMap((path) => {
      const { items } = discoveryAt(path, "discovery") as {
        items: { metadata: { name?: string }; versions: { resources: { resource: string }[] }[] }[];
      };
      return items.flatMap(({ metadata, versions }) =>
        versions.flatMap(({ resources }) => resources.map(({ resource }) => `${metadata.name ?? ""}/${resource}`)),
      );
    });
    for (const { group, plural } of RESOURCES) {
      expect(told).toContain(`${group}/${plural}`);
      expect(aggregated).toContain(`${group}/${plural}`);
    }
    expect(discoveryAt("/apis/none.io/v1", "json")).toBeNull();
    expect(discoveryAt("/api/v1/pods", "json")).toBeNull();
  });

  test("let kubectl leave the checking of fields to the server, for every kind", () => {
    const { paths } = openApiAt("/openapi/v3") as { paths: Record<string, { serverRelativeURL: string }> };
    for (const { group, version, kind } of RESOURCES) {
      const root = group === "" ? `api/${version}` : `apis/${group}/${version}`;
      const url = paths[root]?.serverRelativeURL.split("?")[0] ?? "";
      const document = JSON.stringify(openApiAt(url));
      expect(document).toContain(JSON.stringify({ group, version, kind }));
      expect(document).toContain('"name":"fieldValidation","in":"query"');
      expect(document).not.toContain("strategic-merge-patch");
    }
  });
});

describe("who may what", () => {
  const nobody = { authorized: false, getPeerCertificate: () => ({}) } as unknown as Parameters<typeof authenticate>[1];
  const tokens = new Map([["good", VIEWER]]);

  test("a wrong token is nobody's; without any it is system:anonymous, who may ask for health and version", () => {
    expect(authenticate({ authorization: "Bearer bad" }, nobody, tokens)).toBeNull();
    expect(authenticate({ authorization: "Basic eDp5" }, nobody, tokens)).toBeNull();
    expect(authenticate({ authorization: "Bearer good" }, nobody, tokens)).toBe(VIEWER);
    const anonymous = authenticate({}, nobody, tokens);
    expect(anonymous).toMatchObject({ name: "system:anonymous" });
    if (anonymous === null) return;
    expect(isAllowed(anonymous, of("GET", "/readyz"))).toBe(true);
    expect(isAllowed(anonymous, of("GET", "/api"))).toBe(false);
    expect(forbiddenMessage(anonymous, of("GET", "/api"))).toBe(
      'forbidden: User "system:anonymous" cannot get path "/api"',
    );
  });

  test("a viewer reads everything and changes nothing", () => {
    for (const url of [
      "/api/v1/pods",
      "/api/v1/namespaces/x/pods?watch=true",
      "/apis/apps/v1/namespaces/x/deployments/web",
      "/openapi/v3",
    ]) {
      expect(isAllowed(VIEWER, of("GET", url)), url).toBe(true);
    }
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect(isAllowed(VIEWER, of(method, "/api/v1/namespaces/x/pods/y"))).toBe(false);
    expect(of("DELETE", "/api/v1/namespaces/x/pods").verb).toBe("deletecollection");
    expect(of("PATCH", "/apis/apps/v1/namespaces/x/deployments/web/scale").resource?.plural).toBe("deployments/scale");
  });
});

describe("protobuf bodies", () => {
  test("are read as the JSON that they stand for: zero pointers stay, zero values go", () => {
    const labels = new Message().bytes(1, "app").bytes(2, "web");
    const metadata = new Message().bytes(1, "web").bytes(3, "").message(8, new Message()).message(11, labels);
    const spec = new Message().message(1, Buffer.alloc(0));
    // replicas (1) is a pointer: its zero is written.
    const withReplicas = Buffer.concat([Buffer.from([0x08, 0x00]), new Message().int(5, 0).done()]);
    const body = envelope("apps/v1", "Deployment", new Message().message(1, metadata).message(2, withReplicas));
    expect(decodeKubernetes(body)).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", labels: { app: "web" } },
      spec: { replicas: 0 },
    });
    expect(spec.done().length).toBeGreaterThan(0);
  });

  test("with what the lab does not know are refused, not cut short", () => {
    const unknownField = envelope("v1", "ConfigMap", new Message().message(9, new Message()));
    expect(() => decodeKubernetes(unknownField)).toThrow(
      "the lab cannot read field 9 of ConfigMap in protobuf: use kubectl apply",
    );
    expect(() => decodeKubernetes(envelope("v1", "ResourceQuota", new Message()))).toThrow(/cannot read ResourceQuota/);
    expect(() => decodeKubernetes(Buffer.from("{}"))).toThrow(RangeError);
  });

  test("have a schema whose types are all known", () => {
    const plain = new Set(["string", "int", "bool", "strings", "bytes", "quantities", "intOrString", "-"]);
    for (const [message, fields] of SCHEMA) {
      for (const [number, { name, type }] of fields) {
        expect(number, `${message}.${name}`).toBeGreaterThan(0);
        expect(plain.has(type) || SCHEMA.has(type), `${message}.${name} ${type}`).toBe(true);
      }
    }
  });
});
