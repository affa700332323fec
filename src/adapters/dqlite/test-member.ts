/** For tests: members that answer with captured bytes. */
import { readFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { connect, createServer } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket, TlsOptions } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import { FrameSplitter } from "./frames.ts";
import type { ClusterCertificate } from "./tls.ts";
import { encodeFrame, HANDSHAKE } from "./wire.ts";

/** Sent and received messages of `fixtures/NAME.hex`, in order. */
export function readCapture(name: string): { readonly sent: readonly Buffer[]; readonly received: readonly Buffer[] } {
  const lines = readFileSync(new URL(`fixtures/${name}.hex`, import.meta.url), "utf8").split("\n");
  const messages = (mark: string): Buffer[] =>
    lines.filter((line) => line.startsWith(mark)).map((line) => Buffer.from(line.slice(mark.length), "hex"));
  return { sent: messages("> "), received: messages("< ") };
}

export function readCertificate(name: string): ClusterCertificate {
  const read = (end: string): Buffer => readFileSync(new URL(`fixtures/certificates/${name}.${end}`, import.meta.url));
  return { certificate: read("crt"), key: read("key") };
}

/** Answers each captured request with its captured answer; fails the connection for anything that was not captured. */
export function replay(name: string, stream: Duplex): void {
  const { sent, received } = readCapture(name);
  const answers = new Map(sent.slice(1).map((request, index) => [request.toString("hex"), received[index]]));
  const splitter = new FrameSplitter();
  let handshakeLeft = HANDSHAKE.length;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    const skip = Math.min(handshakeLeft, chunk.length);
    handshakeLeft -= skip;
    for (const frame of splitter.push(chunk.subarray(skip))) {
      const answer = answers.get(encodeFrame(frame).toString("hex"));
      if (answer === undefined) stream.destroy();
      else stream.write(answer);
    }
  });
}

export interface Listener {
  readonly dial: () => Promise<Duplex>;
  readonly close: () => void;
}

/** A server on a free loopback port. */
export function listen(onStream: (stream: Duplex) => void): Promise<Listener> {
  return started(createServer(onStream));
}

/** The same with mutual TLS, as go-dqlite's proxy has it. */
export function listenTls(options: TlsOptions, onStream: (stream: TLSSocket) => void): Promise<Listener> {
  return started(createTlsServer({ requestCert: true, rejectUnauthorized: true, ...options }, onStream));
}

async function started(server: Server): Promise<Listener> {
  const streams = new Set<Duplex>();
  server.on("connection", (stream: Duplex) => {
    streams.add(stream);
    stream.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    for (const stream of streams) stream.destroy();
  };
  return { dial: () => dialPort(port), close };
}

export function dialPort(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
