import type { Duplex } from "node:stream";
import type { CommandStream, ConnectTarget, NodeAccess } from "../../../ports/node-access.ts";
import { TapError } from "../../../ports/tap-error.ts";
import type { CommandDuplex } from "../../exec/stream.ts";
import { duplexCommand, streamCommand } from "../../exec/stream.ts";
import type { Deadline } from "../../net/deadline.ts";
import { deadlineIn } from "../../net/deadline.ts";
import { onLeash } from "../leash.ts";
import { withRoot } from "../privilege.ts";
import { readFileByCat } from "../read-file.ts";
import { connectByRelay } from "../relay.ts";
import { describeTarget } from "../socket.ts";
import { createSshConnection } from "./connection.ts";
import type { OpenConnection } from "./connection.ts";
import type { SshTarget } from "./master.ts";
import { interpretSession, sessionArgv } from "./mux.ts";

/** Starting a stream includes a login when there is none. */
const STREAM_START_DEADLINE_MS = 10_000;

export interface SshAccessOptions extends SshTarget {
  /** A private directory with a short path (createControlDirectory); shared by all nodes of this process. */
  readonly controlDirectory: string;
}

/**
 * Another machine by the system's OpenSSH: the user's ssh_config, agent and ProxyJump count, nothing is installed there,
 * nothing is ever asked for. Opens no connection until it is asked.
 */
export function createSshAccess(options: SshAccessOptions): NodeAccess {
  const { name, host } = options;
  const connection = createSshConnection(options, options.controlDirectory);
  // Targets that the login user may not connect to: they go through a relay at once from then on.
  const relayed = new Set<string>();
  const opened = new Set<() => Promise<void>>();

  async function connect(target: ConnectTarget, deadlineMs: number): Promise<Duplex> {
    const deadline = deadlineIn(deadlineMs);
    const key = describeTarget(target);
    const open = await connection.open(deadline);
    if (!relayed.has(key)) {
      try {
        return await open.forwards.connect(target, deadline);
      } catch (error) {
        if (!(error instanceof TapError && error.reason === "permission-denied")) throw error;
      }
    }
    const stream = await relay(target, open, deadline);
    relayed.add(key);
    return stream;
  }

  async function relay(target: ConnectTarget, open: OpenConnection, deadline: Deadline): Promise<Duplex> {
    // Anybody may connect to a TCP port: there the relay only stands in for an sshd that forbids forwarding.
    const words = (argv: readonly string[]) => (target.kind === "tcp" ? argv : withRoot(argv, open.master.uid));
    return await connectByRelay(
      (argv, onStderr) => inSession(open, deadline, (prefixed) => duplexCommand(prefixed, { onStderr }), words(argv)),
      target,
      name,
      deadline,
    );
  }

  /** Holds a session for as long as what `start` opens in it lives. */
  async function inSession<T extends CommandStream | CommandDuplex>(
    open: OpenConnection,
    deadline: Deadline,
    start: (argv: readonly string[]) => Promise<T>,
    argv: readonly string[],
  ): Promise<T> {
    const giveBack = await open.sessions.take(deadline, name);
    try {
      const started = await start(sessionArgv(open.master, argv));
      const end = () => started.stop();
      opened.add(end);
      const ended = started.ended.then((result) => {
        opened.delete(end);
        giveBack();
        return interpretSession(result, open.master, name);
      });
      return { ...started, ended };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  const access: NodeAccess = {
    name,
    via: { kind: "ssh", host },
    async run(argv, runOptions) {
      return await connection.run(argv, runOptions, runOptions.asRoot === true);
    },
    async stream(argv, streamOptions) {
      const deadline = deadlineIn(STREAM_START_DEADLINE_MS);
      const open = await connection.open(deadline);
      const leashed = onLeash(argv);
      const words = streamOptions.asRoot === true ? withRoot(leashed, open.master.uid) : leashed;
      return await inSession(open, deadline, streamCommand, words);
    },
    async readFile(path, fileOptions) {
      return await readFileByCat(access, path, fileOptions);
    },
    connect,
    async close() {
      await Promise.all([...opened].map((end) => end()));
      await connection.close();
    },
  };
  return access;
}
