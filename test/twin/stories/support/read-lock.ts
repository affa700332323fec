import { openWorld } from "../../../../src/cli/world.ts";

/**
 * Prints who holds the cluster's restart lock, and how a take by another one ends. Only while the lock is held by
 * somebody: a take that succeeds is given back. Arguments: ssh config, node.
 */
const [sshConfig = "", ssh = ""] = process.argv.slice(2);
const world = await openWorld({ ssh: [ssh], sshConfig });
try {
  const lock = world.nodes[0]?.lock;
  const state = await lock?.read(8000);
  const take = await lock?.take("story", 8000);
  if (take?.outcome === "held") await lock?.release("story", 8000);
  const holder = state?.known === true ? state.value.holder : null;
  process.stdout.write(JSON.stringify({ holder, take: take?.outcome ?? "no node" }));
} finally {
  await world.close();
}
