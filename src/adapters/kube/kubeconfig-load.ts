import { posix } from "node:path";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "../net/connection-errors.ts";
import type { KubeCredentials } from "./credentials.ts";
import type { KubeconfigChoice, PemSource } from "./kubeconfig.ts";
import { parseKubeconfig } from "./kubeconfig.ts";

/** Where an apiserver is and how to prove who we are. */
export interface KubeTarget {
  readonly context: string;
  readonly server: URL;
  readonly credentials: KubeCredentials;
}

/**
 * Reads a kubeconfig and the files it names, by `readFile`: they may lie on another node. Paths in it are relative
 * to its folder, as for kubectl. Throws TapError: `not-found` or `permission-denied` for a file, `not-configured`
 * for what the file says; the message names the file and the context.
 */
export async function loadKubeconfig(
  choice: KubeconfigChoice,
  readFile: (path: string) => Promise<Buffer>,
): Promise<KubeTarget> {
  const yaml = await read(choice.file, `kubeconfig ${choice.file}`, readFile);
  const target = parseKubeconfig(yaml, choice);
  const where = `kubeconfig ${choice.file}, context "${target.context}"`;
  const readPem = async (source: PemSource, what: string): Promise<string | null> => {
    if (source === null || "pem" in source) return source?.pem ?? null;
    const pem = await read(resolve(source.path), `${where}: ${what} ${source.path}`, readFile);
    if (pem.includes("-----BEGIN ")) return pem;
    throw new TapError("not-configured", `${where}: ${what} ${source.path} is not a PEM file`);
  };
  const resolve = (path: string): string => posix.resolve(posix.dirname(choice.file), path);
  const readToken = async (path: string): Promise<string> => {
    const token = (await read(resolve(path), `${where}: tokenFile ${path}`, readFile)).trim();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw new TapError("not-configured", `${where}: tokenFile ${path} holds no token`);
  };
  const { token, basic } = target;
  const bearer = token === null ? null : "value" in token ? token.value : await readToken(token.path);
  return {
    context: target.context,
    server: target.server,
    credentials: {
      caPem: await readPem(target.ca, "certificate-authority"),
      certPem: await readPem(target.cert, "client-certificate"),
      keyPem: await readPem(target.key, "client-key"),
      serverName: target.serverName,
      insecure: target.insecure,
      authorization: bearer !== null ? `Bearer ${bearer}` : basic === null ? null : basicAuthorization(basic),
    },
  };
}

/** RFC 7617. The apiserver itself dropped it in 1.19; proxies in front of one still use it. */
function basicAuthorization(basic: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}`;
}

async function read(path: string, what: string, readFile: (path: string) => Promise<Buffer>): Promise<string> {
  try {
    return (await readFile(path)).toString("utf8");
  } catch (error) {
    const cause = toTapError(error, what);
    if (cause !== error) throw cause;
    throw new TapError(cause.reason, `${what}: ${cause.message}`, { cause: error });
  }
}
