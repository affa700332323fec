import type { NodeAccess } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import { runCommand } from "../exec/run.ts";
import { duplexCommand, streamCommand } from "../exec/stream.ts";
import { deadlineIn } from "../net/deadline.ts";
import { onLeash } from "./leash.ts";
import { withRoot } from "./privilege.ts";
import { readFileByCat } from "./read-file.ts";
import { connectByRelay } from "./relay.ts";
import { connectSocket, describeTarget } from "./socket.ts";

/** This machine as a node, under the name that the operator knows it by. Opens nothing until it is asked. */
export function createLocalAccess(name: string): NodeAccess {
  const uid = process.getuid?.() ?? 0;
  const opened = new Set<() => Promise<void>>();
  const access: NodeAccess = {
    name,
    via: { kind: "local" },
    async run(argv, options) {
      return await runCommand(options.asRoot === true ? withRoot(argv, uid) : argv, options);
    },
    async stream(argv, options) {
      const leashed = onLeash(argv);
      const stream = await streamCommand(options.asRoot === true ? withRoot(leashed, uid) : leashed);
      keepUntil(stream.ended, () => stream.stop());
      return stream;
    },
    async readFile(path, options) {
      return await readFileByCat(access, path, options);
    },
    async connect(target, deadlineMs) {
      const deadline = deadlineIn(deadlineMs);
      try {
        return await connectSocket(target, deadline.leftMs(), `${name}: ${describeTarget(target)}`);
      } catch (error) {
        const mayNot = error instanceof TapError && error.reason === "permission-denied" && uid !== 0;
        if (!mayNot) throw error;
        return await connectByRelay(startRelay, target, name, deadline);
      }
    },
    async close() {
      await Promise.all([...opened].map((end) => end()));
    },
  };
  async function startRelay(argv: readonly string[], onStderr: (text: string) => void) {
    const relay = await duplexCommand(withRoot(argv, uid), { onStderr });
    keepUntil(relay.ended, () => relay.stop());
    return relay;
  }
  function keepUntil(ended: Promise<unknown>, end: () => Promise<void>): void {
    opened.add(end);
    void ended.then(() => opened.delete(end));
  }
  return access;
}
