import { askLab } from "../serve/control/client.ts";
import { defaultDirectory } from "../serve/state/directory.ts";
import type { LabStatus, NodeStatus } from "../serve/status.ts";
import { faultText } from "./fault.ts";

/** `quorate lab status`. */
export async function status({ dir, output }: { readonly dir?: string; readonly output: string }): Promise<number> {
  const found = await askLab<LabStatus>(dir ?? defaultDirectory(), "GET", "/status");
  process.stdout.write(output === "json" ? `${JSON.stringify(found, null, 2)}\n` : text(found));
  return 0;
}

/** `quorate lab down`. */
export async function down({ dir }: { readonly dir?: string }): Promise<number> {
  await askLab(dir ?? defaultDirectory(), "POST", "/down");
  return 0;
}

function text({ release, nowMs, speed, leader, revision, nodes, faults }: LabStatus): string {
  const head = `${release}, ${new Date(nowMs).toISOString()}, ${speed} x, dqlite leader ${leader ?? "none"}, revision ${revision}\n\n`;
  const rows = [["NODE", "API", "ROLE", "K8S-DQLITE", "KUBELITE", "FEED"], ...nodes.map(row)];
  const widths = rows[0]?.map((_cell, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const lines = rows.map(
    (cells) =>
      `  ${cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
  );
  const lasting = faults.length === 0 ? "no fault lasts\n" : faults.map((fault) => `${faultText(fault)}\n`).join("");
  return `${head}${lines.join("")}\n${lasting}`;
}

function row({
  name,
  api,
  isUp,
  role,
  datastore,
  kubelite,
  isPollAlive,
  mutedPrefixes,
}: NodeStatus): readonly string[] {
  if (!isUp) return [name, api, "-", "no power", "no power", "-"];
  const feed = !isPollAlive ? "dead" : mutedPrefixes.length > 0 ? `mute: ${mutedPrefixes.join(" ")}` : "alive";
  return [name, api, role, datastore, kubelite, feed];
}
