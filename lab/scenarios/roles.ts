import type { UnitRole } from "../../src/core/model/observation.ts";
import { UNITS } from "../world/world.ts";
import type { Args } from "./args.ts";

/** A unit by its role or its full name. */
export function roleOf(args: Args, text: string): UnitRole {
  for (const role of ["datastore", "kubelite"] as const) {
    if (text === role || text === UNITS[role] || text === `${UNITS[role]}.service`) return role;
  }
  return args.fail(`${text} is neither datastore nor kubelite`);
}
