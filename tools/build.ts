import { chmodSync } from "node:fs";
import { build } from "esbuild";

/** One file with everything in it: what the npm package ships and what a node runs without node_modules. */
await build({
  entryPoints: ["bin/quorate.ts"],
  outfile: "dist/quorate.mjs",
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // Dependencies in CommonJS need `require` inside an ES module.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  legalComments: "linked",
});
chmodSync("dist/quorate.mjs", 0o755);
