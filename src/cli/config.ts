import { readFileSync } from "node:fs";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { CliError } from "./exit-codes.ts";

const configSchema = z.strictObject({
  profile: z.string().optional().describe("Distribution; default microk8s"),
  sshConfig: z.string().optional().describe("OpenSSH client configuration file, as for ssh -F"),
  nodes: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional().describe("Name of the node; default: what hostname says there"),
        ssh: z.string().min(1).describe("Where ssh goes: an alias, a host, or user@host"),
      }),
    )
    .min(1)
    .describe("Control-plane nodes"),
});

/** The configuration file: which nodes, and how they are reached. */
export type Config = z.infer<typeof configSchema>;

/** Reads and checks the file. Throws CliError with file, line and what to change. */
export function readConfig(path: string): Config {
  return parseConfig(readText(path), path);
}

/** The pure part of `readConfig`. */
export function parseConfig(text: string, path: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const line = syntax.linePos?.[0].line ?? 1;
    throw new CliError(`${path}:${line}: not readable as YAML: ${syntax.message.split("\n")[0] ?? ""}`);
  }
  const parsed = configSchema.safeParse(toValue(document, path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const at = [...(issue?.path ?? []), ...(key === undefined ? [] : [key])] as (string | number)[];
  const where = at.length === 0 ? "" : `${at.join(".")}: `;
  const message = key === undefined ? `${where}${issue?.message ?? "invalid"}` : `unknown key "${key}"`;
  throw new CliError(`${path}:${lineOf(document, lines, at)}: ${message}`);
}

/** Aliases are followed only here: one without an anchor, or so many that they would fill the memory, is refused. */
function toValue(document: YamlDocument, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CliError(`${path}:1: not readable as YAML: ${text.split("\n")[0] ?? ""}`, undefined, { cause: error });
  }
}

type YamlDocument = ReturnType<typeof parseDocument>;

/** Line of a key or a list's item, or of the nearest parent that stands in the file. */
function lineOf(document: YamlDocument, lines: LineCounter, at: readonly (string | number)[]): number {
  for (let length = at.length; length > 0; length -= 1) {
    const parent = document.getIn(at.slice(0, length - 1), true);
    const last = at[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair?.key ?? document.getIn(at.slice(0, length), true);
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new CliError(`${path}: cannot be read (${code})`, undefined, { cause: error });
  }
}

/** The published JSON schema of the configuration file. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema);
}
