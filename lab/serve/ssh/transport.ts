import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { MSG, Reader, Writer } from "./fields.ts";
import { agree, KEY_TYPE, signWith, type SshKey } from "./keys.ts";
import { type PacketKey, PacketReader, seal } from "./packets.ts";

const GREETING = "SSH-2.0-QuorateLab_1";

/** In the order of RFC 4253's KEXINIT: what every OpenSSH since 6.5 offers by default. */
const OURS: readonly (readonly string[])[] = [
  ["curve25519-sha256", "curve25519-sha256@libssh.org"],
  [KEY_TYPE],
  ["aes256-gcm@openssh.com"],
  ["aes256-gcm@openssh.com"],
  // Named because a list must not be empty; the cipher authenticates by itself.
  ["hmac-sha2-256"],
  ["hmac-sha2-256"],
  ["none"],
  ["none"],
  [],
  [],
];

const COOKIE_BYTES = 16;

/** The encrypted stream of messages below everything else (RFC 4253), server's side. */
export interface Transport {
  send(payload: Buffer): void;
  /** The first exchange's hash: what a login signs. Empty before it. */
  sessionId(): Buffer;
  /** Says why and ends the connection. */
  disconnect(reason: string): void;
}

/** `onMessage` gets what is not the transport's own business; after a RangeError of it the connection ends. */
export function createTransport(stream: Duplex, hostKey: SshKey, onMessage: (payload: Buffer) => void): Transport {
  const reader = new PacketReader();
  let theirGreeting: string | null = null;
  let ourInit: Buffer | null = null;
  let theirInit: Buffer = Buffer.alloc(0);
  let outgoing: PacketKey | null = null;
  let nextIncoming: PacketKey | null = null;
  let sessionId: Buffer = Buffer.alloc(0);
  /** Nothing but the exchange may be sent while keys are exchanged. */
  let waiting: Buffer[] = [];

  const put = (payload: Buffer): void => {
    if (!stream.destroyed) stream.write(seal(payload, outgoing));
  };
  const send = (payload: Buffer): void => {
    if (ourInit === null && sessionId.length > 0) put(payload);
    else waiting.push(payload);
  };
  const disconnect = (reason: string): void => {
    put(new Writer().byte(MSG.disconnect).uint32(2).text(reason).text("").done());
    stream.end();
  };

  function beginExchange(): void {
    const init = new Writer().byte(MSG.kexInit).raw(randomBytes(COOKIE_BYTES));
    for (const names of OURS) init.names(names);
    ourInit = init.bool(false).uint32(0).done();
    put(ourInit);
  }

  function onInit(payload: Buffer): void {
    if (ourInit === null) beginExchange();
    theirInit = payload;
    const init = new Reader(payload, 1 + COOKIE_BYTES);
    for (const names of OURS.slice(0, 8)) {
      const theirs = init.names();
      if (!theirs.some((name) => names.includes(name)))
        throw new RangeError(`no common algorithm: ${names.join(" or ")}`);
    }
  }

  function onAgreement(payload: Buffer): void {
    const theirs = new Reader(payload, 1).bytes();
    const { ours, secret } = agree(theirs);
    const shared = new Writer().mpint(secret).done();
    const transcript = new Writer()
      .text(theirGreeting ?? "")
      .text(GREETING)
      .text(theirInit)
      .text(ourInit ?? Buffer.alloc(0));
    transcript.text(hostKey.blob).text(theirs).text(ours).raw(shared);
    const hash = createHash("sha256").update(transcript.done()).digest();
    const isFirst = sessionId.length === 0;
    if (isFirst) sessionId = hash;
    const derive = (letter: string, bytes: number) =>
      createHash("sha256").update(shared).update(hash).update(letter).update(sessionId).digest().subarray(0, bytes);
    put(new Writer().byte(MSG.kexEcdhReply).text(hostKey.blob).text(ours).text(signWith(hostKey, hash)).done());
    put(Buffer.from([MSG.newKeys]));
    nextIncoming = { key: derive("C", 32), nonce: derive("A", 12) };
    outgoing = { key: derive("D", 32), nonce: derive("B", 12) };
    ourInit = null;
    const held = waiting;
    waiting = [];
    for (const payload of held) put(payload);
  }

  function receive(payload: Buffer): void {
    switch (payload[0] ?? 0) {
      case MSG.kexInit:
        return onInit(payload);
      case MSG.kexEcdhInit:
        return onAgreement(payload);
      case MSG.newKeys:
        if (nextIncoming !== null) reader.use(nextIncoming);
        nextIncoming = null;
        return;
      case MSG.disconnect:
        stream.end();
        return;
      case MSG.ignore:
      case MSG.debug:
      case MSG.unimplemented:
        return;
      default:
        if (sessionId.length === 0) throw new RangeError("a message before the keys");
        return onMessage(payload);
    }
  }

  stream.on("data", (chunk: Buffer) => {
    reader.push(chunk);
    try {
      theirGreeting ??= reader.line();
      if (theirGreeting === null) return;
      for (let payload = reader.next(); payload !== null; payload = reader.next()) receive(payload);
    } catch (error) {
      disconnect(error instanceof Error ? error.message : "error");
      stream.destroy();
    }
  });
  stream.write(`${GREETING}\r\n`);
  beginExchange();
  return { send, sessionId: () => sessionId, disconnect };
}
