import type { Reading } from "../../core/model/observed.ts";
import { known, unknown } from "../../core/model/observed.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { commandFailure } from "./command-failure.ts";

/** Files that taps read (kubeconfigs, certificates, cluster.yaml) have a few KiB. */
const FILE_BYTES_MAX_DEFAULT = 256 * 1024;

/** NodeAccess.readFile for every access: `cat` as root, with a byte cap. Never throws. */
export async function readFileByCat(
  access: Pick<NodeAccess, "name" | "run">,
  path: string,
  options: { readonly deadlineMs: number; readonly bytesMax?: number },
): Promise<Reading<Buffer>> {
  const outputBytesMax = options.bytesMax ?? FILE_BYTES_MAX_DEFAULT;
  const { deadlineMs } = options;
  const result = await access.run(["cat", "--", path], { deadlineMs, outputBytesMax, asRoot: true });
  if (result.outcome === "exited" && result.exitCode === 0) return known(result.stdout);
  const failure = commandFailure(result, `${access.name}: ${path}`);
  return unknown(failure.reason, failure.message);
}
