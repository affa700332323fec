import { openSqliteRunStore } from "../../../../src/adapters/run-store/sqlite-run-store.ts";
import { recover } from "../../../../src/cli/commands/recover.ts";
import type { Run, RunStore } from "../../../../src/ports/run-store.ts";

/**
 * `quorate recover` as it is, except that the process dies by SIGKILL right after the n-th entry of its journal is
 * durable. Arguments: n, ssh config, state directory, node to cure, then the nodes.
 */
const [entriesText = "", sshConfig = "", state = "", node = "", ...ssh] = process.argv.slice(2);
let left = Number(entriesText);

function counted(run: Run): Run {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
  return run;
}

function dieAfter(store: RunStore): RunStore {
  return {
    ...store,
    create: (id, opened) => counted(store.create(id, opened)),
    append: (id, entry) => counted(store.append(id, entry)),
  };
}

process.exitCode = await recover({ ssh, sshConfig, state, node, yes: true, output: "json" }, (directory) =>
  dieAfter(openSqliteRunStore(directory)),
);
