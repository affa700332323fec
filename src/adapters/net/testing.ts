/** For tests only: an HTTP/2 peer on loopback with the checked-in certificates, and ways to reach it. */
import { readFileSync } from "node:fs";
import * as http2 from "node:http2";
import * as net from "node:net";
import type { Clock } from "../../ports/clock.ts";
import { systemClock } from "../clock/system-clock.ts";

/** A checked-in certificate or key, PEM. */
export function certificate(name: string): string {
  return readFileSync(new URL(`fixtures/certs/${name}`, import.meta.url), "utf8");
}

/** A clock whose timers run twenty times faster, for waits that are constants (a handshake must fit in the shortest). */
export const hastyClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) };

export interface TestPeer {
  readonly port: number;
  /** A raw connection to it. */
  readonly connect: () => Promise<net.Socket>;
  /** How many connections were opened so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Listens on a free loopback port until `close`, which cuts every connection. */
export async function listen(server: net.Server): Promise<TestPeer> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    connect: () => connectTcp(port),
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Connects to a loopback port; rejects with the system's error. */
export function connectTcp(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

type OnStream = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

/** An apiserver as far as TLS and HTTP/2 go; `onStream` answers. */
export function listenHttp2Tls(onStream: OnStream, options: http2.SecureServerOptions = {}): Promise<TestPeer> {
  const server = http2.createSecureServer({
    cert: certificate("server.crt"),
    key: certificate("server.key"),
    ca: certificate("ca.crt"),
    requestCert: true,
    ...options,
  });
  return listen(answering(server, onStream));
}

/** An etcd as far as HTTP/2 without TLS goes. */
export function listenHttp2(onStream: OnStream): Promise<TestPeer> {
  return listen(answering(http2.createServer(), onStream));
}

function answering<T extends http2.Http2Server | http2.Http2SecureServer>(server: T, onStream: OnStream): T {
  server.on("sessionError", () => {});
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.on("error", () => {});
    onStream(stream, headers);
  });
  return server;
}

/** Answers a stream with JSON. */
export function respondJson(stream: http2.ServerHttp2Stream, status: number, body: unknown): void {
  stream.respond({ ":status": status, "content-type": "application/json" });
  stream.end(JSON.stringify(body));
}
