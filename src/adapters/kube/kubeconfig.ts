import { parseDocument } from "yaml";
import * as z from "zod";
import { TapError } from "../../ports/tap-error.ts";

export interface KubeconfigChoice {
  /** The file's path, for messages and as the base of relative paths in it. */
  readonly file: string;
  /** The context to use; the file's `current-context` when absent. */
  readonly context?: string;
  /** True accepts `insecure-skip-tls-verify: true`; otherwise such a cluster is refused. */
  readonly insecureAllowed?: boolean;
}

/** A PEM text in the file itself, the path of a file that holds it, or nothing. */
export type PemSource = { readonly pem: string } | { readonly path: string } | null;

/** One context of a kubeconfig, checked, with nothing read from other files yet. Holds secrets. */
export interface KubeconfigTarget {
  readonly context: string;
  readonly server: URL;
  /** `tls-server-name`; null when the URL's host is the name. */
  readonly serverName: string | null;
  readonly insecure: boolean;
  readonly ca: PemSource;
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly token: { readonly value: string } | { readonly path: string } | null;
  readonly basic: { readonly username: string; readonly password: string } | null;
}

const text = z.string().nullish();
const CLUSTER = z.looseObject({
  server: z.string(),
  "tls-server-name": text,
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "proxy-url": text,
});
const USER = z.looseObject({
  token: text,
  tokenFile: text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  username: text,
  password: text,
  exec: z.unknown().optional(),
  "auth-provider": z.unknown().optional(),
});
const KUBECONFIG = z.looseObject({
  "current-context": text,
  clusters: z.array(z.looseObject({ name: z.string(), cluster: CLUSTER })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: USER.nullish() })).nullish(),
  contexts: z
    .array(
      z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string().nullish() }) }),
    )
    .nullish(),
});

type Cluster = z.infer<typeof CLUSTER>;
type User = z.infer<typeof USER>;

/**
 * One context of a kubeconfig (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"). Throws TapError
 * `not-configured` with one line that names the file, the context and what to do; never a secret.
 */
export function parseKubeconfig(yaml: string, choice: KubeconfigChoice): KubeconfigTarget {
  const config = readShape(yaml, choice.file);
  const context = choice.context ?? config["current-context"] ?? "";
  const refuse = (problem: string): never => {
    throw new TapError("not-configured", `kubeconfig ${choice.file}, context "${context}": ${problem}`);
  };
  const names = (config.contexts ?? []).map((entry) => entry.name);
  if (context === "") refuse(`no current-context is set; choose one of: ${names.join(", ") || "(none)"}`);
  const chosen = config.contexts?.find((entry) => entry.name === context)?.context;
  if (chosen === undefined) return refuse(`no such context; the file has: ${names.join(", ") || "(none)"}`);
  const cluster = config.clusters?.find((entry) => entry.name === chosen.cluster)?.cluster;
  if (cluster === undefined) return refuse(`its cluster "${chosen.cluster}" is not in the file`);
  const userName = chosen.user ?? "";
  const found = config.users?.find((entry) => entry.name === userName);
  if (found === undefined && userName !== "") return refuse(`its user "${userName}" is not in the file`);
  const user: User = found?.user ?? {};
  return {
    context,
    ...readCluster(cluster, choice.insecureAllowed === true, refuse),
    ...readUser(user, refuse),
  };
}

type Refuse = (problem: string) => never;

function readCluster(
  cluster: Cluster,
  insecureAllowed: boolean,
  refuse: Refuse,
): Pick<KubeconfigTarget, "server" | "serverName" | "insecure" | "ca"> {
  if (cluster["proxy-url"]) refuse("proxy-url is not supported; reach the node by ssh, or remove it");
  const insecure = cluster["insecure-skip-tls-verify"] === true;
  if (insecure && !insecureAllowed) {
    refuse("insecure-skip-tls-verify is refused; give certificate-authority-data, or allow it explicitly");
  }
  return {
    server: readServer(cluster.server, refuse),
    serverName: cluster["tls-server-name"] || null,
    insecure,
    ca: pemSource(
      cluster["certificate-authority-data"],
      cluster["certificate-authority"],
      "certificate-authority",
      refuse,
    ),
  };
}

function readServer(server: string, refuse: Refuse): URL {
  const url = URL.canParse(server)
    ? new URL(server)
    : refuse("server is not a URL; it should look like https://HOST:16443");
  if (url.protocol !== "https:") refuse(`server must be https, not ${url.protocol.slice(0, -1)}`);
  if (url.username !== "" || url.password !== "") refuse("server holds a user or password; put them under users");
  return url;
}

function readUser(user: User, refuse: Refuse): Pick<KubeconfigTarget, "cert" | "key" | "token" | "basic"> {
  if (user.exec)
    refuse("its user needs an exec credential plugin, which is not run; use a token or a client certificate");
  if (user["auth-provider"])
    refuse("its user needs an auth-provider, which is not supported; use a token or a client certificate");
  const cert = pemSource(user["client-certificate-data"], user["client-certificate"], "client-certificate", refuse);
  const key = pemSource(user["client-key-data"], user["client-key"], "client-key", refuse);
  if ((cert === null) !== (key === null)) refuse("client-certificate and client-key must be given together");
  return {
    cert,
    key,
    // kubectl's order: a token in the file wins over tokenFile (client-go, rest.Config).
    token: user.token ? { value: oneWord(user.token, refuse) } : user.tokenFile ? { path: user.tokenFile } : null,
    basic: user.username ? { username: user.username, password: user.password ?? "" } : null,
  };
}

/** A token goes into an HTTP header: a line break in it would be an error there that quotes it. */
function oneWord(token: string, refuse: Refuse): string {
  const trimmed = token.trim();
  return /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : refuse("the token holds characters that no token can hold");
}

/** `-data` wins over a path, as in client-go. */
function pemSource(
  data: string | null | undefined,
  path: string | null | undefined,
  what: string,
  refuse: Refuse,
): PemSource {
  if (!data) return path ? { path } : null;
  const pem = Buffer.from(data, "base64").toString("latin1");
  return pem.includes("-----BEGIN ") ? { pem } : refuse(`${what}-data is not a base64-encoded PEM text`);
}

/** Checks the shape. Neither the YAML library's snippets nor values may get into the message: they can be secrets. */
function readShape(yaml: string, file: string): z.infer<typeof KUBECONFIG> {
  const document = parseDocument(yaml, { prettyErrors: true, logLevel: "silent" });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const line = mistake.linePos?.[0].line;
    throw new TapError(
      "not-configured",
      `kubeconfig ${file}: not valid YAML (${mistake.code}${line === undefined ? "" : `, line ${line}`})`,
    );
  }
  const shape = KUBECONFIG.safeParse(toPlain(document, file));
  if (shape.success) return shape.data;
  const [issue] = shape.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? null : issue.path.join(".");
  const problem = where === null ? "there is no kubeconfig in this file" : `${where} is missing or of the wrong kind`;
  throw new TapError("not-configured", `kubeconfig ${file}: ${problem}`);
}

function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    // Unresolved or too many aliases; the library's message may quote the text.
    throw new TapError("not-configured", `kubeconfig ${file}: not valid YAML (aliases cannot be resolved)`);
  }
}
