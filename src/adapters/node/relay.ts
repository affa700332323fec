import type { Duplex } from "node:stream";
import type { ConnectTarget } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import type { CommandDuplex } from "../exec/stream.ts";
import type { Deadline } from "../net/deadline.ts";
import { commandFailure, isSudoRefusal } from "./command-failure.ts";
import { connectFailure, describeTarget } from "./socket.ts";

/**
 * Connects on the node and copies both ways between the socket and its standard input and output. Says on standard
 * error how connecting went (`connected`, or the name of the error). When its input ends it half-closes the socket and
 * leaves at the latest two seconds later, so it never outlives us. Needs nothing but python3's standard library.
 */
const RELAY_SCRIPT = `import errno, os, socket, sys, threading
def say(word):
    os.write(2, ("quorate-relay " + word + "\\n").encode())
try:
    if sys.argv[1] == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[2])
    else:
        s = socket.create_connection((sys.argv[2], int(sys.argv[3])))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
except OSError as e:
    say(errno.errorcode.get(e.errno, "UNKNOWN") if not isinstance(e, socket.gaierror) else "ENOTFOUND")
    os._exit(1)
say("connected")
def send():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    threading.Timer(2, os._exit, (0,)).start()
threading.Thread(target=send, daemon=True).start()
try:
    while True:
        data = s.recv(65536)
        if not data:
            break
        while data:
            data = data[os.write(1, data):]
except OSError:
    pass
os._exit(0)`;

/** The argv of a relay to `target`, to be run on the node (as root, which is what a relay is for). */
export function relayArgv(target: ConnectTarget): readonly string[] {
  const words = target.kind === "unix" ? ["unix", target.path] : ["tcp", target.host, String(target.port)];
  return ["python3", "-c", RELAY_SCRIPT, ...words];
}

/**
 * Connects by a relay process that `start` opens on the node. Resolves once the relay says that it is connected; throws
 * TapError. `node` is the node's name for messages.
 */
export async function connectByRelay(
  start: (argv: readonly string[], onStderr: (text: string) => void) => Promise<CommandDuplex>,
  target: ConnectTarget,
  node: string,
  deadline: Deadline,
): Promise<Duplex> {
  const what = `${node}: ${describeTarget(target)}`;
  const word = Promise.withResolvers<string>();
  let heard = "";
  const relay = await start(relayArgv(target), (text) => {
    // Only the first words count; a talkative standard error must not grow here.
    if (heard.length < 4_096) heard += text;
    const said = /^quorate-relay (\w+)$/m.exec(heard)?.[1];
    if (said !== undefined) word.resolve(said);
  });
  try {
    const ended = relay.ended.then((result) => {
      throw relayFailure(result, what);
    });
    const said = await deadline.hold(Promise.race([word.promise, ended]), `${what} (relay)`);
    if (said !== "connected") throw connectFailure(said, what);
    return relay.duplex;
  } catch (error) {
    void relay.stop();
    throw error;
  }
}

function relayFailure(result: Awaited<CommandDuplex["ended"]>, what: string): TapError {
  if (isSudoRefusal(result.stderr) || result.exitCode === 127) {
    const why = result.exitCode === 127 ? "python3 or sudo is not installed there" : "sudo wants a password";
    const ways = "log in as root, or as a member of the group that owns the socket (MicroK8s: microk8s)";
    return new TapError("permission-denied", `${what}: only root may connect, and ${why}; ${ways}`);
  }
  return commandFailure(result, `${what} (relay)`);
}
