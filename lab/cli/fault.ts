import { askLab } from "../serve/control/client.ts";
import { type ActiveFault, faultList, type FaultRequest } from "../serve/faults.ts";
import { defaultDirectory, LabError } from "../serve/state/directory.ts";

export interface FaultOptions {
  readonly dir?: string;
  readonly list?: boolean;
  readonly node?: readonly string[];
  /** ms. */
  readonly for?: number;
  readonly set?: readonly string[];
}

/** `quorate lab fault ID` and `--list`. */
export async function fault(
  id: string | undefined,
  { dir, list, node, for: forMs, set }: FaultOptions,
): Promise<number> {
  if (list === true) {
    for (const { id, title } of faultList()) process.stdout.write(`  ${id.padEnd(26)}${title}\n`);
    return 0;
  }
  if (id === undefined) throw new LabError("which fault? quorate lab fault --list shows them");
  const request: FaultRequest = { id, nodes: node ?? [], forMs: forMs ?? null, parameters: parametersOf(set ?? []) };
  const begun = await askLab<ActiveFault>(dir ?? defaultDirectory(), "POST", "/fault", request);
  process.stdout.write(`${faultText(begun)}\n`);
  return 0;
}

/** `quorate lab heal`. */
export async function heal({ dir }: { readonly dir?: string }): Promise<number> {
  const healed = await askLab<readonly ActiveFault[]>(dir ?? defaultDirectory(), "POST", "/heal");
  process.stdout.write(
    healed.length === 0 ? "no fault lasts\n" : healed.map((one) => `healed: ${faultText(one)}\n`).join(""),
  );
  return 0;
}

export function faultText({ plan, endsAtMs }: ActiveFault): string {
  const parameters = Object.entries(plan.parameters).map(([name, value]) => ` ${name}=${value}`);
  const end = plan.durationMs === 0 ? "" : `, until ${new Date(endsAtMs).toISOString()} (${plan.durationMs / 1000} s)`;
  return `${plan.fault} ${plan.nodes.join(" ")}${parameters.join("")}${end}`;
}

function parametersOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (name === undefined || value === undefined) throw new LabError(`--set ${word}: write it as name=value`);
      return [name, value];
    }),
  );
}
