import { Command } from "commander";
import { benchDetection } from "./detection.ts";
import { benchDoctor } from "./doctor.ts";
import { benchGuard } from "./guard.ts";
import { machineText } from "./machine.ts";

const BENCHES = { guard: benchGuard, doctor: benchDoctor, detection: benchDetection } as const;
type BenchName = keyof typeof BENCHES;

/** `npm run bench -- [guard] [doctor] [detection]`: figures with the machine's description; all but guard need the twin. */
await new Command("bench")
  .argument("[names...]", "which ones", Object.keys(BENCHES))
  .action(async (names: readonly string[]) => {
    process.stdout.write(`${machineText()}, ${new Date().toISOString()}\n`);
    for (const name of names) {
      if (!(name in BENCHES)) throw new Error(`there is no bench ${name}: ${Object.keys(BENCHES).join(", ")}`);
      for (const line of await BENCHES[name as BenchName]()) process.stdout.write(`${line}\n`);
    }
  })
  .parseAsync(process.argv);
