import type { Command } from "commander";
import type { NodeName } from "../config.ts";
export function addFaultCommands(_fault: Command, _node: (text: string) => NodeName): void {}
