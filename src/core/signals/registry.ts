import { databaseLocked } from "./database-locked/index.ts";
import type { SignalDefinition } from "./signal.ts";

/** Every signal that we know. A test compares this list with the folders. */
export const SIGNALS: readonly SignalDefinition[] = [databaseLocked];
