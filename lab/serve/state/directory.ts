import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A mistake of the caller, told in one line. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** Longest unix socket path that Linux binds. */
const SOCKET_PATH_BYTES_MAX = 107;

/** The longest name below the directory: `NODE/kine.sock:12379`. */
const LONGEST_NAME = "k8s01/kine.sock:12379";

/** Where a lab keeps its files unless told otherwise: the user's runtime directory, or one of our own in the temporary one. */
export function defaultDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const runtime = env["XDG_RUNTIME_DIR"];
  return runtime !== undefined && runtime !== ""
    ? join(runtime, "quorate-lab")
    : join(tmpdir(), `quorate-lab-${process.getuid?.() ?? 0}`);
}

/** Makes the directory, ours alone. Throws LabError when it cannot be, or belongs to somebody else. */
export function prepareDirectory(path: string): void {
  const longest = join(path, LONGEST_NAME);
  if (Buffer.byteLength(longest) > SOCKET_PATH_BYTES_MAX) {
    throw new LabError(`${path}: too long a path for unix sockets; give a shorter one with --dir`);
  }
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const status = lstatSync(path);
    if (!status.isDirectory() || status.uid !== (process.getuid?.() ?? status.uid)) {
      throw new LabError(`${path}: this is not a directory of our own; give another one with --dir`);
    }
    chmodSync(path, 0o700);
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError(
      `${path}: cannot be used as the lab's directory (${(error as NodeJS.ErrnoException).code ?? "error"})`,
      { cause: error },
    );
  }
}

export function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** The files that people and programs use, by what they are. */
export function pathsIn(directory: string) {
  return {
    control: join(directory, "control.sock"),
    config: join(directory, "quorate.yaml"),
    kubeconfig: join(directory, "kubeconfig"),
    kubeconfigOf: (node: string) => join(directory, `kubeconfig-${node}`),
    sshConfig: join(directory, "ssh_config"),
    loginKey: join(directory, "id_ed25519"),
    knownHosts: join(directory, "known_hosts"),
    kine: (node: string) => join(directory, node, "kine.sock:12379"),
  } as const;
}
