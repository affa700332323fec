import * as http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ApiRequest, ApiServer } from "../../world/kube/apiserver.ts";
import { failure } from "../../world/kube/status.ts";
import type { Process } from "../../world/process.ts";
import type { Release } from "../../world/releases.ts";
import type { Pair } from "../pki/certificate.ts";
import type { RealTime } from "../time/real-time.ts";
import { chooseShape, type Shape } from "./accept.ts";
import { authenticate, forbiddenMessage, isAllowed, type User } from "./access.ts";
import { discoveryAt } from "./discovery.ts";
import { dryRun, type Read } from "./dry-run.ts";
import { openApiAt } from "./openapi.ts";
import { METHODS, parseBody, parseRequest, refusedAt, reviewAt } from "./request.ts";
import { type Answering, sendReply } from "./reply.ts";
import { versionOf } from "./version.ts";
import { serveWatch } from "./watch.ts";

export interface KubeServerOptions {
  readonly time: RealTime;
  readonly apiserver: ApiServer;
  readonly release: Release;
  readonly certificate: Pair;
  /** Authority of client certificates, PEM. */
  readonly clientCa: string;
  readonly tokens: ReadonlyMap<string, User>;
  /** A process on the same node that asks in a client's name; it is ended with the connection. */
  readonly spawnClient: () => Process;
}

/** etcd's limit of an object, and the apiserver's of a request. */
const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** One node's HTTPS API: HTTP/2 and HTTP/1.1. The returned function serves a connection. */
export function createKubeServer(options: KubeServerOptions): (stream: Duplex) => void {
  const server = http2.createSecureServer(
    {
      cert: options.certificate.certificate,
      key: options.certificate.key,
      ca: options.clientCa,
      requestCert: true,
      // Who shows a certificate of somebody else is not known, and nobody is turned away for having none.
      rejectUnauthorized: false,
      allowHTTP1: true,
    },
    (request, response) => serve(request, response, options),
  );
  server.on("sessionError", () => {});
  server.on("session", (session) => session.on("error", () => {}));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("clientError", (_error, socket) => socket.destroy());
  return (stream) => server.emit("connection", stream);
}

function serve(
  request: http2.Http2ServerRequest,
  response: http2.Http2ServerResponse,
  options: KubeServerOptions,
): void {
  const asked = parseRequest(request.method, request.url);
  const shape = chooseShape(request.headers.accept);
  const answering: Answering = { response, asked, shape: shape ?? "json", nowMs: () => options.time.sim.nowMs() };
  request.on("error", () => {});
  response.on("error", () => {});
  if (METHODS[request.method] === undefined)
    return sendReply(
      answering,
      failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    );
  const user = authenticate(request.headers, request.socket as TLSSocket, options.tokens);
  if (user === null) return sendReply(answering, failure(401, "Unauthorized", "Unauthorized"));
  if (!isAllowed(user, asked.attributes))
    return sendReply(answering, failure(403, "Forbidden", forbiddenMessage(user, asked.attributes)));
  if (shape === null) {
    return sendReply(
      answering,
      failure(406, "NotAcceptable", "only the following media types are accepted: application/json"),
    );
  }
  readBody(request, (bytes) => {
    const parsed = parseBody(bytes, request.headers["content-type"] ?? "");
    if ("refusal" in parsed) return sendReply(answering, parsed.refusal);
    const order = { ...parsed, contentType: request.headers["content-type"] ?? "application/json" };
    route(answering, shape, order, user, request.headers["user-agent"] ?? "", options);
  });
}

function readBody(request: http2.Http2ServerRequest, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => done(Buffer.concat(chunks)));
}

type Order = Extract<ReturnType<typeof parseBody>, { readonly body?: unknown }> & { readonly contentType: string };

function route(
  answering: Answering,
  shape: Shape,
  order: Order,
  user: User,
  userAgent: string,
  options: KubeServerOptions,
): void {
  const { asked } = answering;
  if (asked.path === "/version") return sendReply(answering, { status: 200, body: versionOf(options.release) });
  const own =
    asked.method === "GET"
      ? (discoveryAt(asked.path, shape === "discovery" ? "discovery" : "json") ?? openApiAt(asked.path))
      : null;
  if (own !== null) return sendReply({ ...answering, isDiscovery: shape === "discovery" }, { status: 200, body: own });
  const reply = reviewAt(asked, order.body, user.name, user.groups) ?? refusedAt(asked);
  if (reply !== null) return sendReply(answering, reply);
  if (asked.attributes.verb === "watch") return serveWatch(answering, options);
  askWorld(answering, order, userAgent, options);
}

function askWorld(
  answering: Answering,
  { body, contentType }: Order,
  userAgent: string,
  options: KubeServerOptions,
): void {
  const { asked, response } = answering;
  const { time, apiserver, spawnClient } = options;
  const request: ApiRequest = {
    method: METHODS[asked.method] ?? "GET",
    path: asked.path,
    query: asked.query,
    // Whatever it came as, the world gets it parsed.
    contentType: contentType.includes("protobuf") ? "application/json" : contentType,
    userAgent,
    ...(body === undefined ? {} : { body }),
  };
  time.enter(() => {
    const client = spawnClient();
    response.once("close", () => time.enter(() => client.end({ code: "exited", status: 0 })));
    const refused = () => void response.destroy();
    if (request.method !== "GET" && asked.query["dryRun"] === "All") {
      const read: Read = (path, done) => apiserver.request(client, { method: "GET", path }, done, refused);
      return dryRun(request, read, (reply) => sendReply(answering, reply));
    }
    apiserver.request(
      client,
      request,
      ({ status, body, dateMs }) => sendReply({ ...answering, dateMs }, { status, body }),
      refused,
    );
  });
}
