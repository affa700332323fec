import type { Duplex } from "node:stream";
import type { Process } from "../../world/process.ts";
import { dial, type Dialer } from "../connect.ts";
import type { Channel } from "../ssh/channel.ts";
import type { SshKey } from "../ssh/keys.ts";
import { serveSsh } from "../ssh/server.ts";
import { runLine } from "./commands.ts";
import type { CommandIo, Machine } from "./machine.ts";

export interface SshdOptions {
  readonly dialer: Dialer;
  readonly machine: Machine;
  readonly hostKey: SshKey;
  readonly loginKey: SshKey;
}

/** One login on a node: `stream` is the connection's end in the process `sshd`, which runs there. */
export function serveLogin(stream: Duplex, sshd: Process, { dialer, machine, hostKey, loginKey }: SshdOptions): void {
  const { time } = dialer;
  serveSsh(stream, {
    hostKey,
    loginKey,
    exec: (command, channel) => time.enter(() => sshd.deliver(() => execute(machine, command, channel, dialer))),
    connect: (target, connected, refused) =>
      time.enter(() => sshd.deliver(() => dial(dialer, sshd, target, { connected, refused }))),
  });
  stream.once("close", () => time.enter(() => sshd.end({ code: "exited", status: 255 })));
}

/** A command's process of its own: it goes on when the login is gone, as a program that prints nothing does. */
function execute(machine: Machine, command: string, channel: Channel, { time }: Dialer): void {
  const process = machine.node.host.spawn(command.slice(0, 60));
  const inputEnds: (() => void)[] = [];
  const io: CommandIo = {
    process,
    out: (data) => void channel.write(typeof data === "string" ? Buffer.from(data) : data),
    err: (text) => channel.writeError(Buffer.from(text)),
    exit: (code) => {
      channel.exit(code);
      process.end({ code: "exited", status: code });
    },
    onInputEnd: (listener) => void inputEnds.push(listener),
    onKill: () => {},
  };
  const inputEnded = () =>
    time.enter(() =>
      process.deliver(() => {
        for (const listener of inputEnds.splice(0)) listener();
      }),
    );
  channel.resume();
  channel.once("end", inputEnded);
  channel.once("close", inputEnded);
  runLine(machine, command, io);
}
