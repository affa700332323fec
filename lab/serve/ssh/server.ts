import type { Duplex } from "node:stream";
import { Channel } from "./channel.ts";
import { MSG, Reader, Writer } from "./fields.ts";
import { KEY_TYPE, type SshKey, verifies } from "./keys.ts";
import { createTransport } from "./transport.ts";

/** sshd's MaxSessions: its default. */
const SESSIONS_MAX = 10;

/** SSH_OPEN_CONNECT_FAILED and SSH_OPEN_UNKNOWN_CHANNEL_TYPE. */
const OPEN_FAILED = 2;
const OPEN_UNKNOWN = 3;

export type SshConnectTarget =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export interface SshServerOptions {
  readonly hostKey: SshKey;
  /** The only key that may log in, as any user. */
  readonly loginKey: SshKey;
  /** Runs a command line. Its output is written to the channel, which ends by `exit`; what it reads is the channel's data. */
  readonly exec: (command: string, channel: Channel) => void;
  /** Connects on the node: calls exactly one of the two, at once or later. `refused` gets strerror's words. */
  readonly connect: (
    target: SshConnectTarget,
    connected: (stream: Duplex) => void,
    refused: (why: string) => void,
  ) => void;
}

/** Serves one connection as OpenSSH's server does: public key login, commands, and forwards to TCP and unix sockets. */
export function serveSsh(stream: Duplex, options: SshServerOptions): void {
  const channels = new Map<number, Channel>();
  let numbers = 0;
  let sessions = 0;
  let isLoggedIn = false;
  const transport = createTransport(stream, options.hostKey, onMessage);
  stream.on("error", () => {});
  stream.once("close", () => {
    for (const channel of channels.values()) channel.destroy();
  });

  function onMessage(payload: Buffer): void {
    const reader = new Reader(payload, 1);
    const type = payload[0] ?? 0;
    if (type === MSG.serviceRequest)
      return transport.send(new Writer().byte(MSG.serviceAccept).text(reader.text()).done());
    if (type === MSG.authRequest) return onLogin(reader, payload);
    if (!isLoggedIn) throw new RangeError("not logged in");
    if (type === MSG.globalRequest) return onGlobalRequest(reader);
    if (type === MSG.channelOpen) return onOpen(reader);
    const channel = channels.get(reader.uint32());
    if (channel !== undefined) onChannelMessage(type, channel, reader);
  }

  /** RFC 4252, section 7. */
  function onLogin(reader: Reader, payload: Buffer): void {
    reader.text();
    reader.text();
    const isKey = reader.text() === "publickey";
    const hasSignature = isKey && reader.bool();
    const algorithm = isKey ? reader.text() : "";
    const blob = isKey ? reader.bytes() : Buffer.alloc(0);
    if (algorithm !== KEY_TYPE || !blob.equals(options.loginKey.blob)) return refuseLogin();
    if (!hasSignature) return transport.send(new Writer().byte(MSG.authPublicKeyOk).text(algorithm).text(blob).done());
    const signature = reader.bytes();
    const signed = payload.subarray(0, payload.length - 4 - signature.length);
    if (!verifies(blob, new Writer().text(transport.sessionId()).raw(signed).done(), signature)) return refuseLogin();
    isLoggedIn = true;
    transport.send(Buffer.from([MSG.authSuccess]));
  }

  function refuseLogin(): void {
    transport.send(new Writer().byte(MSG.authFailure).names(["publickey"]).bool(false).done());
  }

  /** Keepalives want any answer; nothing else is offered here. */
  function onGlobalRequest(reader: Reader): void {
    reader.text();
    if (reader.bool()) transport.send(Buffer.from([MSG.requestFailure]));
  }

  function onOpen(reader: Reader): void {
    const kind = reader.text();
    const peer = { number: reader.uint32(), windowBytes: reader.uint32(), packetBytes: reader.uint32() };
    const fail = (code: number, why: string): void => {
      const failure = new Writer().byte(MSG.channelOpenFailure).uint32(peer.number).uint32(code);
      transport.send(failure.text(why).text("").done());
    };
    const open = (): Channel => {
      const channel = new Channel(transport, peer);
      const number = (numbers += 1);
      channels.set(number, channel);
      channel.once("close", () => channels.delete(number));
      channel.confirm(number);
      return channel;
    };
    if (kind === "session") {
      if (sessions >= SESSIONS_MAX) return fail(OPEN_FAILED, "open failed");
      sessions += 1;
      open().once("close", () => {
        sessions -= 1;
      });
      return;
    }
    const target = targetOf(kind, reader);
    if (target === null) return fail(OPEN_UNKNOWN, "unknown channel type");
    const refused = (why: string) => fail(OPEN_FAILED, why);
    options.connect(target, (remote) => join(open(), remote), refused);
  }

  function onChannelMessage(type: number, channel: Channel, reader: Reader): void {
    if (type === MSG.channelData) channel.onData(reader.bytes());
    else if (type === MSG.channelWindowAdjust) channel.onWindow(reader.uint32());
    else if (type === MSG.channelEof) channel.onEof();
    else if (type === MSG.channelClose) channel.onClose();
    else if (type === MSG.channelRequest) onChannelRequest(channel, reader);
  }

  function onChannelRequest(channel: Channel, reader: Reader): void {
    const kind = reader.text();
    const wantsReply = reader.bool();
    if (kind === "env") return channel.answer(wantsReply, true);
    if (kind === "exec") {
      channel.answer(wantsReply, true);
      return options.exec(reader.text(), channel);
    }
    if (kind !== "shell") return channel.answer(wantsReply, false);
    channel.answer(wantsReply, true);
    channel.writeError(
      Buffer.from("the nodes of the lab have no shell: give a command, for example `systemctl status UNIT`\n"),
    );
    channel.exit(1);
  }
}

function targetOf(kind: string, reader: Reader): SshConnectTarget | null {
  if (kind === "direct-tcpip") return { kind: "tcp", host: reader.text(), port: reader.uint32() };
  if (kind === "direct-streamlocal@openssh.com") return { kind: "unix", path: reader.text() };
  return null;
}

function join(channel: Channel, remote: Duplex): void {
  remote.on("error", () => channel.destroy());
  channel.pipe(remote).pipe(channel);
  channel.once("close", () => remote.destroy());
}
