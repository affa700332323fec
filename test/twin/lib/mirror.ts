// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Finds the Debian mirror this machine already uses. The twin needs another release than the machine's, from
 * the same place, so that proxies and local mirrors keep working and no host name is written down here.
 */
export async function aptMirror(): Promise<string> {
  const own = process.env["QUORATE_TWIN_MIRROR"];
  if (own !== undefined && own !== "") return own;
  for (const file of await sourceFiles()) {
    const uri = mirrorOf(file, await readFile(file, "utf8"));
    if (uri !== undefined) return uri;
  }
  throw new Error("no Debian mirror found under /etc/apt; set QUORATE_TWIN_MIRROR to its address");
}

async function sourceFiles(): Promise<string[]> {
  const dir = "/etc/apt/sources.list.d";
  const names = await readdir(dir).catch(() => []);
  const found = names.filter((name) => /\.(sources|list)$/.test(name)).sort();
  const files = ["/etc/apt/sources.list", ...found.map((name) => join(dir, name))];
  const readable = await Promise.all(
    files.map((file) =>
      readFile(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => readable[index]);
}

/** The first main archive of one source file, in either of apt's two notations. */
export function mirrorOf(fileName: string, text: string): string | undefined {
  return fileName.endsWith(".sources") ? mirrorOfDeb822(text) : mirrorOfList(text);
}

function mirrorOfDeb822(text: string): string | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.+)$`, "im").exec(stanza)?.[1]?.trim();
    const uri = field("URIs")?.split(/\s+/)[0];
    if (/^no$/i.test(field("Enabled") ?? "yes")) continue;
    if (uri !== undefined && isMainArchive(uri, field("Suites") ?? "", field("Components") ?? "")) return uri;
  }
  return undefined;
}

function mirrorOfList(text: string): string | undefined {
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line);
    const [, uri, suite, components] = match ?? [];
    if (uri !== undefined && isMainArchive(uri, suite ?? "", components ?? "")) return uri;
  }
  return undefined;
}

/** Third-party repositories and the security archive do not carry a whole release. */
function isMainArchive(uri: string, suites: string, components: string): boolean {
  if (!/\bmain\b/.test(components) || /-security\b/.test(suites)) return false;
  return /^https?:\/\/.*\/debian\/?$|snapshot.*\/debian\//.test(uri);
}
